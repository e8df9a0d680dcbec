"""Projects of the local stack for the peers' Secrets."""

import base64
import json
import os
import subprocess

SCOPE = "/apis/resourcemanager.miloapis.com/v1alpha1/projects/{}/control-plane"


def project_names(count):
    return [f"bench-p-{number:03d}" for number in range(count)]


def _kubectl(*arguments, **options):
    return subprocess.run(["kubectl", *arguments], check=True, stdout=subprocess.PIPE, text=True, **options).stdout


class Apiserver:
    """Inside a `with` block there are the namespaces that the front door serves as the Projects' `default`."""

    def __init__(self, projects):
        self.projects = project_names(projects)

    def __enter__(self):
        config = json.loads(_kubectl("config", "view", "--raw", "--minify", "--flatten", "-o", "json",
                                     "--kubeconfig", os.environ["MILO_KUBECONFIG_PATH"]))
        cluster = config["clusters"][0]["cluster"]
        self.ca_file = os.path.join(os.path.dirname(os.environ["MILO_KUBECONFIG_PATH"]), "bench-ca.pem")
        with open(self.ca_file, "wb") as file:
            file.write(base64.b64decode(cluster["certificate-authority-data"]))
        self.target = {"url": cluster["server"], "projects": self.projects,
                       "path": f"{SCOPE.format(self.projects[0])}/api/v1/namespaces/default/secrets",
                       "token": config["users"][0]["user"]["token"], "ca_file": self.ca_file}
        # A bench that was killed has left them.
        self._delete_namespaces()
        _kubectl("create", "-f", "-", input=json.dumps({"apiVersion": "v1", "kind": "List", "items": [
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in self.projects]}))
        return self

    def _delete_namespaces(self):
        """Also the namespace controller's part of it: the local stack has none."""
        _kubectl("delete", "namespace", *self.projects, "--wait=false", "--ignore-not-found")
        left = _kubectl("get", "namespace", *self.projects, "--ignore-not-found", "-o", "json")
        if not left:
            return
        found = json.loads(left)
        for namespace in found.get("items", [found]):
            namespace["spec"]["finalizers"] = []
            name = namespace["metadata"]["name"]
            _kubectl("replace", "--raw", f"/api/v1/namespaces/{name}/finalize", "-f", "-", input=json.dumps(namespace))

    def delete_secrets(self):
        for name in self.projects:
            _kubectl("delete", "--raw", f"/api/v1/namespaces/{name}/secrets")

    def __exit__(self, *_):
        self.delete_secrets()
        self._delete_namespaces()
        os.unlink(self.ca_file)
