"""Projects of the local stack for the peers' Secrets."""

import base64
import json
import os
import subprocess

from measure import ClientFailed

# What `scripts/local-stack env` sets.
SETTINGS = ("MILO_KUBECONFIG_PATH", "VM_BASE_URL", "KUBECONFIG")
SCOPE = "/apis/resourcemanager.miloapis.com/v1alpha1/projects/{}/control-plane"


def project_names(count):
    return [f"bench-p-{number:03d}" for number in range(count)]


def stack_settings():
    """The local stack's settings in the environment."""
    missing = [name for name in SETTINGS if not os.environ.get(name)]
    if missing:
        raise ClientFailed(f"no local stack in the environment ({', '.join(missing)} not set): "
                           'scripts/local-stack up; eval "$(scripts/local-stack env)"')
    return {name: os.environ[name] for name in SETTINGS}


def kubectl(*arguments, **options):
    """What kubectl prints; a refusal is a ClientFailed."""
    try:
        return subprocess.run(["kubectl", *arguments], check=True, capture_output=True, text=True, **options).stdout
    except OSError as error:
        raise ClientFailed(f"kubectl cannot be started: {error.strerror}") from None
    except subprocess.CalledProcessError as error:
        raise ClientFailed(f"kubectl {' '.join(arguments[:3])} failed: {error.stderr.strip()}; is the local stack up?") from None


class Apiserver:
    """Inside a `with` block there are the namespaces that the front door serves as the Projects' `default`."""

    def __init__(self, projects):
        """Reads the stack's kubeconfig and sees whether it serves; nothing is created yet."""
        self.settings = stack_settings()
        self.projects = project_names(projects)
        kubectl("get", "--raw", "/readyz")
        config = json.loads(kubectl("config", "view", "--raw", "--minify", "--flatten", "-o", "json",
                                     "--kubeconfig", self.settings["MILO_KUBECONFIG_PATH"]))
        cluster = config["clusters"][0]["cluster"]
        self.ca = base64.b64decode(cluster["certificate-authority-data"])
        self.ca_file = os.path.join(os.path.dirname(self.settings["MILO_KUBECONFIG_PATH"]), "bench-ca.pem")
        self.target = {"url": cluster["server"], "projects": self.projects,
                       "path": f"{SCOPE.format(self.projects[0])}/api/v1/namespaces/default/secrets",
                       "token": config["users"][0]["user"]["token"], "ca_file": self.ca_file}

    def __enter__(self):
        with open(self.ca_file, "wb") as file:
            file.write(self.ca)
        # A bench that was killed has left them.
        self._delete_namespaces()
        kubectl("create", "-f", "-", input=json.dumps({"apiVersion": "v1", "kind": "List", "items": [
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in self.projects]}))
        return self

    def _delete_namespaces(self):
        """Also the namespace controller's part of it: the local stack has none."""
        kubectl("delete", "namespace", *self.projects, "--wait=false", "--ignore-not-found")
        left = kubectl("get", "namespace", *self.projects, "--ignore-not-found", "-o", "json")
        if not left:
            return
        found = json.loads(left)
        for namespace in found.get("items", [found]):
            namespace["spec"]["finalizers"] = []
            name = namespace["metadata"]["name"]
            kubectl("replace", "--raw", f"/api/v1/namespaces/{name}/finalize", "-f", "-", input=json.dumps(namespace))

    def delete_secrets(self):
        for name in self.projects:
            kubectl("delete", "--raw", f"/api/v1/namespaces/{name}/secrets")

    def __exit__(self, *_):
        self.delete_secrets()
        self._delete_namespaces()
        os.unlink(self.ca_file)
