import FoundationEssentials

/// A folder of a test's own, short enough in its path for unix sockets in it.
package struct TemporaryFolder: Sendable {
    package let path: String

    package init() throws {
        let name = "cano-\(UInt64.random(in: 0 ... .max) % 0xFFFF_FFFF_FFFF)"
        path = "/tmp/\(name)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    package func file(_ name: String) -> String { "\(path)/\(name)" }

    package func remove() {
        // Nothing to do about a folder that will not go; the next test has another.
        try? FileManager.default.removeItem(atPath: path)
    }
}
