"""Certificates that openssl makes for one test."""
import subprocess


class Certificates:
    """An authority, and a certificate of it for servers on loopback and for their clients: PEM files in a folder. The certificate is of the address
    of the servers, or of a `host`."""

    def __init__(self, folder, host=None):
        self.authority, self.certificate, self.key = (folder / name for name in ("ca.pem", "server.pem", "server.key"))
        self._make(self.authority, folder / "ca.key", "test authority", "-addext", "keyUsage=critical,keyCertSign")
        self._make(self.certificate, self.key, "localhost", "-CA", self.authority, "-CAkey", folder / "ca.key",
                   "-addext", "basicConstraints=critical,CA:FALSE", "-addext", f"subjectAltName={f'DNS:{host}' if host else 'IP:127.0.0.1'}")
        self._host = host

    @staticmethod
    def _make(certificate, key, name, *options):
        made = subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(certificate), *map(str, options)], capture_output=True, text=True)
        assert made.returncode == 0, made.stderr

    @property
    def query(self):
        """What a URL needs to say: whom to trust, who comes, and what the servers are called."""
        name = f"&ssl_server_name={self._host}" if self._host else ""
        return f"ssl_ca_certs={self.authority}&ssl_certfile={self.certificate}&ssl_keyfile={self.key}{name}"

    @property
    def server_options(self):
        """What makes a server, or a sentinel, ask everyone for a certificate of the authority, other servers among them."""
        return {"tls-cert-file": self.certificate, "tls-key-file": self.key, "tls-ca-cert-file": self.authority, "tls-replication": "yes"}

    @property
    def cli_options(self):
        """What redis-cli needs."""
        return ["--tls", "--cacert", str(self.authority), "--cert", str(self.certificate), "--key", str(self.key)]

    @property
    def client_options(self):
        """What redis-py needs."""
        return dict(ssl=True, ssl_ca_certs=str(self.authority), ssl_certfile=str(self.certificate), ssl_keyfile=str(self.key))


def server_speaks_tls():
    """Whether the redis-server of this machine was built with TLS."""
    said = subprocess.run(["redis-server", "--tls-port", "none"], capture_output=True, text=True, timeout=20)
    return "Bad directive" not in said.stdout + said.stderr
