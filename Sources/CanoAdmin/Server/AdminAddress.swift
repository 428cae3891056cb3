import NIOCore

/// Where the admin server listens.
public struct AdminAddress: Sendable, Hashable, CustomStringConvertible {
    /// An IP address, or the name of a host.
    public let host: String
    /// 0 for whichever is free.
    public let port: Int

    /// Reads `host:port`; an IPv6 address stands in brackets.
    ///
    /// - Parameter text: Such as `127.0.0.1:9464`, `0.0.0.0:9464` or `[::1]:9464`.
    /// - Throws: ``AdminError`` with the code `invalidAddress`.
    public init(_ text: String) throws(AdminError) {
        let problem = AdminError(
            .invalidAddress, "\"\(text)\" is no address of the admin server: give a host and a port, such as 127.0.0.1:9464 or [::1]:9464.")
        guard let colon = text.lastIndex(of: ":") else { throw problem }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(digits) else { throw problem }
        var host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, host.contains(":") == isBracketed, !host.contains(where: { $0.isWhitespace || $0 == "/" || $0 == "@" }) else {
            throw problem
        }
        self.host = String(host)
        self.port = Int(port)
    }

    /// Whether only this machine can reach it. Of names only `localhost` is known to be.
    public var isLoopback: Bool {
        // What is no IP address is a name.
        guard let address = try? SocketAddress(ipAddress: host, port: port) else { return host == "localhost" }
        return address.ipAddress?.hasPrefix("127.") == true || address.ipAddress == "::1"
    }

    /// As it is read.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
