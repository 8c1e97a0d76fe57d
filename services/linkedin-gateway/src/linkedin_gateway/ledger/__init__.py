"""Every action, its state and its time: one table, and the decisions that change it.

Read it in this order: `port` says what a ledger does; `postgres` does it; `batcher` gathers the
requests that come at once, and `transaction` decides about them: it locks, reads (`snapshots`,
`snapshot_sql`, `queue_sql`), asks the pace, writes (`transition_sql`, where the other transitions
are too).
Beside that way: `in_flight` is what a stop names, `metered_reads` the gateway's own reads,
`queue_repository` what people are shown of the queue, `archive` what happens to rows that count
no more.
"""
