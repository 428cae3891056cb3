/// How the admin server is reached.
public struct AdminConfiguration: Sendable {
    /// Where it listens.
    public let address: AdminAddress
    /// What must be shown for everything but `/health`; nil where nothing is asked for, which only a loopback address allows.
    public let token: AdminToken?
    /// Whether nothing can be changed on its pages. Default: false.
    public var isReadOnly = false
    /// What a proxy in front of it adds before each path, such as `/cano`. Default: nothing.
    public private(set) var basePath = ""

    /// Creates a configuration.
    ///
    /// - Parameters:
    ///   - address: Where to listen.
    ///   - token: What clients have to show.
    /// - Throws: ``AdminError`` with the code `missingToken` when other machines can reach the address and there is no token.
    public init(address: AdminAddress, token: AdminToken? = nil) throws(AdminError) {
        guard address.isLoopback || token != nil else {
            throw AdminError(
                .missingToken,
                """
                Other machines can reach \(address), so the admin server needs a token: give its file with --admin-token-file, or listen on \
                127.0.0.1:\(address.port).
                """)
        }
        self.address = address
        self.token = token
    }

    /// Sets what a proxy adds before each path.
    ///
    /// - Parameter path: Such as `/cano`: one or more parts of letters, digits, `-`, `.`, `_` and `~`, each after a slash. `/` is nothing.
    /// - Throws: ``AdminError`` with the code `invalidBasePath`.
    public mutating func setBasePath(_ path: String) throws(AdminError) {
        let path = path.hasSuffix("/") ? String(path.dropLast()) : path
        let isPath = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy(\.isUnreserved)
        }
        guard path.isEmpty || (path.hasPrefix("/") && isPath) else {
            throw AdminError(
                .invalidBasePath, "\"\(path)\" is no base path: give a slash and letters, digits, -, ., _ or ~, such as /cano.")
        }
        basePath = path
    }
}
