"""What a platform team is given: checked manifests, built images, and both tried in containers."""
