"""The local overlay, really run: its pods as podman plays them, a campaign through them, its end.

`podman play kube` knows pods and neither Jobs, Services nor policies, so `translation` makes pods
of the overlay's workloads and gives each the addresses of all Services.
"""
