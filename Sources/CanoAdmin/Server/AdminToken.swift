import Foundation

/// What a client has to show, as `Authorization: Bearer …`.
public struct AdminToken: Sendable {
    private let bytes: [UInt8]

    /// How short a token may be, and how long its file.
    private static let shortest = 16
    private static let longest = 4_096

    /// Reads a file that holds the token and nothing else; white space around it does not count.
    ///
    /// - Parameter path: The file.
    /// - Throws: ``AdminError`` with the code `invalidToken`; the message does not hold the token.
    public init(file path: String) throws(AdminError) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw AdminError(.invalidToken, "The admin token's file \"\(path)\" can't be read: \(error.localizedDescription)")
        }
        try self.init(String(decoding: data.prefix(Self.longest + 1), as: UTF8.self), in: "The admin token's file \"\(path)\"")
    }

    init(_ text: String, in place: String = "The admin token") throws(AdminError) {
        let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard (Self.shortest...Self.longest).contains(token.utf8.count), token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw AdminError(
                .invalidToken,
                """
                \(place) must hold \(Self.shortest) to \(Self.longest) visible ASCII characters and nothing else: make one with \
                openssl rand -hex 32.
                """)
        }
        bytes = Array(token.utf8)
    }

    /// Whether a header shows the token. How long that takes does not depend on how much of it is right.
    ///
    /// - Parameter header: The value of `Authorization`.
    /// - Returns: Whether it is the whole token.
    func isShown(by header: String?) -> Bool {
        guard let header, let space = header.firstIndex(of: " "), header[..<space].lowercased() == "bearer" else { return false }
        let shown = Array(header[header.index(after: space)...].utf8)
        var difference = shown.count ^ bytes.count
        for index in bytes.indices { difference |= Int(bytes[index] ^ (index < shown.count ? shown[index] : 0)) }
        return difference == 0
    }
}
