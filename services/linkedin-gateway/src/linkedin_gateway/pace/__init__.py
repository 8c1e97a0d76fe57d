"""When an account may act: decisions as pure functions of a snapshot, the rules and the time.

Read it in this order: `decisions` says what can be decided, `snapshot` what a decision is based
on, `decide` how it is made. What it asks, in its order: `eligibility` (never at all?), the kind
itself in `kinds` (at whom?), `obstacles` (what is in the way?), `slots` (when could it go?),
`turns` (whose turn is it?). Below these are `schedules`, `ranking`, `health_score` and
`action_rows`;
`batch` is for several decisions on one reading, `explanation` and `forecast` for people who ask.
"""
