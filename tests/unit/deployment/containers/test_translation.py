"""What podman plays is what a cluster would run, but for what podman does not know."""

from __future__ import annotations

from deployment.containers.translation import Addresses, config_maps_of, pod_of
from deployment.manifests.objects import Rendering

DEPLOYMENT = {
    "kind": "Deployment",
    "metadata": {"name": "shop"},
    "spec": {
        "selector": {"matchLabels": {"app": "shop"}},
        "template": {
            "metadata": {"labels": {"app": "shop"}},
            "spec": {
                "securityContext": {"runAsUser": 10001},
                "containers": [
                    {
                        "name": "shop",
                        "image": "outreach/shop:local",
                        "ports": [{"containerPort": 80}],
                        "resources": {"limits": {"memory": "64Mi"}},
                        "volumeMounts": [
                            {"name": "keys", "mountPath": "/keys"},
                            {"name": "more", "mountPath": "/more"},
                        ],
                    }
                ],
                "volumes": [
                    {"name": "keys", "secret": {"secretName": "keys"}},
                    {"name": "more", "secret": {"secretName": "more", "optional": True}},
                ],
            },
        },
    },
}
SERVICE = {
    "kind": "Service",
    "metadata": {"name": "till"},
    "spec": {"selector": {"app": "shop"}, "ports": [{"port": 80}]},
}
SECRET = {"kind": "Secret", "metadata": {"name": "keys"}, "data": {"one": "b25l"}}


def test_a_pod_is_as_hardened_as_in_a_cluster() -> None:
    """Users and limits stay; Services become addresses, and what may be missing is left out."""
    rendering = Rendering("local", [DEPLOYMENT, SERVICE, SECRET])
    addresses = Addresses(rendering, "10.0.0")

    pod = pod_of(rendering.workloads[0], addresses, {"outreach/shop:local": "here/shop:local"})

    (container,) = pod["spec"]["containers"]
    assert pod["spec"]["securityContext"] == {"runAsUser": 10001}
    assert container["resources"] == {"limits": {"memory": "64Mi"}}
    assert container["image"] == "here/shop:local"
    assert "ports" not in container
    assert pod["spec"]["hostAliases"] == [{"ip": "10.0.0.10", "hostnames": ["till"]}]
    assert pod["spec"]["volumes"] == [{"name": "keys", "configMap": {"name": "keys"}}]
    assert [mount["name"] for mount in container["volumeMounts"]] == ["keys"]
    assert config_maps_of(rendering)[0]["data"] == {"one": "one"}
    assert "ports" in DEPLOYMENT["spec"]["template"]["spec"]["containers"][0]  # type: ignore[index]
