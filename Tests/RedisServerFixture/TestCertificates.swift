import Subprocess

/// Certificates that openssl makes for one test: PEM files that live as long as its folder.
package struct TestCertificates: Sendable {
    /// The authority that signed the server's and the client's certificates.
    package let authority: String
    /// An authority that signed nothing of this server.
    package let otherAuthority: String
    package let serverCertificate: String
    package let serverKey: String
    package let clientCertificate: String
    package let clientKey: String

    init(in folder: TemporaryFolder, names: [String]) async throws {
        authority = folder.file("ca.pem")
        otherAuthority = folder.file("other-ca.pem")
        serverCertificate = folder.file("server.pem")
        serverKey = folder.file("server.key")
        clientCertificate = folder.file("client.pem")
        clientKey = folder.file("client.key")
        try await Self.makeAuthority(certificate: authority, key: folder.file("ca.key"), name: "test authority")
        try await Self.makeAuthority(certificate: otherAuthority, key: folder.file("other-ca.key"), name: "another authority")
        let signer = ["-CA", authority, "-CAkey", folder.file("ca.key"), "-addext", "basicConstraints=critical,CA:FALSE"]
        try await Self.makeCertificate(
            serverCertificate, key: serverKey, name: "localhost",
            options: signer + ["-addext", "subjectAltName=\(names.joined(separator: ","))"])
        try await Self.makeCertificate(clientCertificate, key: clientKey, name: "test client", options: signer)
    }

    private static func makeAuthority(certificate: String, key: String, name: String) async throws {
        try await makeCertificate(certificate, key: key, name: name, options: ["-addext", "keyUsage=critical,keyCertSign"])
    }

    private static func makeCertificate(_ certificate: String, key: String, name: String, options: [String]) async throws {
        let arguments =
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=\(name)",
                "-keyout", key, "-out", certificate,
            ] + options
        let result = try await run(
            .name("openssl"), arguments: Arguments(arguments), output: .discarded, error: .string(limit: 16 << 10))
        guard result.terminationStatus.isSuccess else {
            throw FixtureError("openssl: \(result.standardError)")
        }
    }
}
