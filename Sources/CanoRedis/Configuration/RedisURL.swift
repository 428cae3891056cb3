/// Reads `redis://`, `rediss://` and `unix://` URLs, and those of sentinels.
///
/// By hand and on bytes: a URL type would normalise what must stay as written, and its errors would echo the password.
enum RedisURL {
    static func configuration(from url: String) throws(RedisError) -> RedisConfiguration {
        guard let schemeEnd = url.firstRange(of: "://") else {
            throw invalid("write redis://host:port, rediss://host:port for TLS or unix:///path/to.sock")
        }
        let scheme = url[..<schemeEnd.lowerBound].lowercased()
        var (rest, query) = split(url[schemeEnd.upperBound...], at: "?")
        var userInfo: Substring?
        if let at = rest.lastIndex(of: "@") {
            userInfo = rest[..<at]
            rest = rest[rest.index(after: at)...]
        }
        var configuration: RedisConfiguration
        switch scheme {
        case "redis", "rediss":
            configuration = try serverConfiguration(rest)
        case "redis+sentinel", "rediss+sentinel":
            configuration = try sentinelConfiguration(rest)
        case "unix":
            guard rest.hasPrefix("/") else { throw invalid("a unix URL needs an absolute path: unix:///path/to.sock") }
            configuration = RedisConfiguration(address: .unixSocket(path: try decoded(rest, what: "path")))
        default:
            throw invalid("the scheme '\(scheme)' is unknown: write redis://, rediss://, unix://, redis+sentinel:// or rediss+sentinel://")
        }
        if scheme.hasPrefix("rediss") { configuration.tls = RedisConfiguration.TLS() }
        if let userInfo { try apply(userInfo: userInfo, to: &configuration) }
        if let query { try apply(query: query, to: &configuration) }
        return configuration
    }

    /// `host[:port][,host[:port]…][/database]`
    private static func serverConfiguration(_ text: Substring) throws(RedisError) -> RedisConfiguration {
        let (authority, path) = split(text, at: "/")
        var configuration = try configuration(of: authority, standardPort: 6379)
        if let path, !path.isEmpty { configuration.database = try database(path) }
        return configuration
    }

    /// `host[:port][,host[:port]…]/name`
    private static func sentinelConfiguration(_ text: Substring) throws(RedisError) -> RedisConfiguration {
        let (authority, path) = split(text, at: "/")
        var configuration = try configuration(of: authority, standardPort: 26379)
        guard let path, !path.isEmpty, !path.contains("/") else {
            throw invalid("the sentinels' name of the primary is missing: write redis+sentinel://host:port,host:port/name?db=0")
        }
        configuration.sentinel = RedisConfiguration.Sentinel(primary: try decoded(path, what: "name of the primary"))
        return configuration
    }

    private static func configuration(of authority: Substring, standardPort: Int) throws(RedisError) -> RedisConfiguration {
        var addresses: [RedisAddress] = []
        for part in authority.split(separator: ",", omittingEmptySubsequences: false) {
            addresses.append(try address(part, standardPort: standardPort))
        }
        var configuration = RedisConfiguration(address: addresses.removeFirst())
        configuration.furtherAddresses = addresses
        return configuration
    }

    private static func address(_ text: Substring, standardPort: Int) throws(RedisError) -> RedisAddress {
        let host: Substring
        let portText: Substring?
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { throw invalid("an IPv6 host is written [::1]") }
            host = text[text.index(after: text.startIndex)..<close]
            let after = text[text.index(after: close)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw invalid("after ] only :port may follow") }
            portText = after.isEmpty ? nil : after.dropFirst()
        } else {
            (host, portText) = split(text, at: ":")
        }
        guard !host.isEmpty else { throw invalid("the host is missing: write redis://host:port") }
        var port = standardPort
        if let portText {
            guard let number = Int(portText), (1...65535).contains(number) else {
                throw invalid("the port must be a number from 1 to 65535; a '/', '?' or '#' in a password is percent-encoded")
            }
            port = number
        }
        return .host(try decoded(host, what: "host"), port: port)
    }

    private static func apply(userInfo: Substring, to configuration: inout RedisConfiguration) throws(RedisError) {
        let (user, password) = split(userInfo, at: ":")
        if !user.isEmpty {
            guard password != nil else { throw invalid("a user needs a password: write user:password@ or :password@") }
            configuration.username = try decoded(user, what: "user")
        }
        // A user may have an empty password. Without a user, an empty one is none.
        if let password, !password.isEmpty || !user.isEmpty { configuration.password = try decoded(password, what: "password") }
    }

    private static func apply(query: Substring, to configuration: inout RedisConfiguration) throws(RedisError) {
        for pair in query.split(separator: "&") {
            let (key, text) = split(pair, at: "=")
            let value = try decoded(text ?? "", what: "value of \(key)")
            switch key {
            case "db": configuration.database = try database(value[...])
            case "client_name": configuration.clientName = value
            case "sentinel_username" where configuration.sentinel != nil: configuration.sentinel?.username = value
            case "sentinel_password" where configuration.sentinel != nil: configuration.sentinel?.password = value
            case "ssl_ca_certs" where configuration.tls != nil: configuration.tls?.certificateAuthorityFile = value
            case "ssl_certfile" where configuration.tls != nil: configuration.tls?.clientCertificateFile = value
            case "ssl_keyfile" where configuration.tls != nil: configuration.tls?.clientKeyFile = value
            case "ssl_server_name" where configuration.tls != nil: configuration.tls?.serverName = value
            case "ssl_verify" where configuration.tls != nil: configuration.tls?.verification = try verification(value)
            default:
                throw invalid(
                    """
                    the query key '\(key)' is unknown here: db, client_name, with rediss:// ssl_ca_certs, ssl_certfile, ssl_keyfile, \
                    ssl_server_name, ssl_verify, and with redis+sentinel:// sentinel_username, sentinel_password
                    """)
            }
        }
        guard configuration.sentinel?.username == nil || configuration.sentinel?.password != nil else {
            throw invalid("sentinel_username needs sentinel_password")
        }
    }

    private static func verification(_ text: String) throws(RedisError) -> RedisConfiguration.TLS.Verification {
        switch text {
        case "full": .full
        case "chain": .withoutHostName
        case "none": .none
        default: throw invalid("ssl_verify is full, chain (whatever name the certificate carries) or none")
        }
    }

    private static func database(_ text: Substring) throws(RedisError) -> Int {
        guard let number = Int(text), number >= 0 else { throw invalid("the database must be a number such as /0") }
        return number
    }

    private static func split(_ text: Substring, at separator: Character) -> (Substring, Substring?) {
        guard let index = text.firstIndex(of: separator) else { return (text, nil) }
        return (text[..<index], text[text.index(after: index)...])
    }

    private static func decoded(_ text: Substring, what: String) throws(RedisError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst(), let low = rest.popFirst(),
                let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
            else { throw invalid("the \(what) holds a % that is not followed by two hex digits: write %25 for a percent sign") }
            bytes.append(value)
        }
        guard let result = String(validating: bytes, as: UTF8.self) else { throw invalid("the \(what) is not valid UTF-8") }
        return result
    }

    private static func invalid(_ advice: String) -> RedisError {
        RedisError(.invalidConfiguration, "Redis URL: \(advice)")
    }
}
