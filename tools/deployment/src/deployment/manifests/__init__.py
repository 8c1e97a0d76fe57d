"""The manifests, checked as a cluster and the services would read them.

`rendering` has kustomize render them, `objects` is what came out; every other module but `check`
is one kind of question to it, and answers with findings.
"""
