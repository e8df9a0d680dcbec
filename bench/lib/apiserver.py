"""A Project of the local stack for the peers' Secrets."""

import json
import os
import subprocess

PROJECT = "bench-p-000"
SCOPE = f"/apis/resourcemanager.miloapis.com/v1alpha1/projects/{PROJECT}/control-plane"


def _kubectl(*arguments, **options):
    return subprocess.run(["kubectl", *arguments], check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def _delete_namespace():
    """Also the namespace controller's part of it: the local stack has none."""
    _kubectl("delete", "namespace", PROJECT, "--wait=false", "--ignore-not-found")
    left = _kubectl("get", "namespace", PROJECT, "--ignore-not-found", "-o", "json")
    if left:
        namespace = json.loads(left)
        namespace["spec"]["finalizers"] = []
        _kubectl("replace", "--raw", f"/api/v1/namespaces/{PROJECT}/finalize", "-f", "-", input=json.dumps(namespace))


class Apiserver:
    """Inside a `with` block there is the namespace that the front door serves as the Project's `default`."""

    def __enter__(self):
        config = json.loads(_kubectl("config", "view", "--raw", "--minify", "--flatten", "-o", "json",
                                     "--kubeconfig", os.environ["MILO_KUBECONFIG_PATH"]))
        cluster = config["clusters"][0]["cluster"]
        self.ca_file = os.path.join(os.path.dirname(os.environ["MILO_KUBECONFIG_PATH"]), "bench-ca.pem")
        self._write_ca(cluster)
        self.target = {"url": cluster["server"], "scope": SCOPE,
                       "path": f"{SCOPE}/api/v1/namespaces/default/secrets",
                       "token": config["users"][0]["user"]["token"], "ca_file": self.ca_file}
        # A bench that was killed has left it.
        _delete_namespace()
        _kubectl("create", "namespace", PROJECT)
        return self

    def _write_ca(self, cluster):
        import base64

        with open(self.ca_file, "wb") as file:
            file.write(base64.b64decode(cluster["certificate-authority-data"]))

    def delete_secrets(self):
        _kubectl("delete", "--raw", f"/api/v1/namespaces/{PROJECT}/secrets")

    def __exit__(self, *_):
        self.delete_secrets()
        _delete_namespace()
        os.unlink(self.ca_file)
