/// Whether a request that changes something was meant by the one whose browser sends it. Pure.
///
/// Browsers say with `Sec-Fetch-Site` where a request comes from (W3C Fetch Metadata), and with `Origin` which page sent a form; a page can set
/// neither. What sends none of them is no browser. A page of another site may reach a server on this machine under a name of its own, which it lets
/// resolve to 127.0.0.1 (DNS rebinding): a server that asks for no token therefore answers to addresses and to `localhost` only.
enum OriginCheck {
    /// Whether another site's page may be behind a request that changes something.
    ///
    /// - Parameters:
    ///   - site: `Sec-Fetch-Site`; nil without it.
    ///   - origin: `Origin`; nil without it.
    ///   - host: `Host`, with the port.
    /// - Returns: Whether one may be.
    static func isForeign(site: String?, origin: String?, host: String?) -> Bool {
        if let site { return site != "same-origin" }
        guard let origin else { return false }
        guard let host, let separator = origin.firstRange(of: "://") else { return true }
        return origin[separator.upperBound...].lowercased() != host.lowercased()
    }

    /// Whether a `Host` is an address, or this machine's own name.
    static func isAddress(host: String) -> Bool {
        let name = host.hasPrefix("[") ? host[...(host.firstIndex(of: "]") ?? host.startIndex)] : host.prefix { $0 != ":" }
        if name.lowercased() == "localhost" || (name.hasPrefix("[") && name.hasSuffix("]")) { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { part in part.utf8.allSatisfy { (0x30...0x39).contains($0) } && UInt8(part) != nil }
    }
}
