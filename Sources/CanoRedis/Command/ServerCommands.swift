/// `TIME`: the server's clock.
public struct TIME: RedisCommand {
    /// The command as it goes over the wire.
    public var encoded: RESPCommand { RESPCommand("TIME") }
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    public init() {}

    /// Microseconds since 1970.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> Int64 {
        let parts = try reply.expectArray(of: "TIME")
        guard parts.count == 2, let seconds = parts[0].integerValue, let microseconds = parts[1].integerValue,
            (0..<1 << 42).contains(seconds), (0..<1_000_000).contains(microseconds)
        else {
            throw reply.unexpected("seconds and microseconds", from: "TIME")
        }
        return seconds * 1_000_000 + microseconds
    }
}

/// `INFO`: what the server says about itself, as `name:value` lines by name.
public struct INFO: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameter section: A section such as `memory`; nil for the usual ones.
    public init(_ section: String? = nil) {
        encoded = RESPCommand("INFO", texts: section.map { [$0] } ?? [])
    }

    /// Reads the reply: what the server says about itself, as `name:value` lines by name.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> [String: String] {
        var values: [String: String] = [:]
        for line in try reply.expectText(of: "INFO").split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            values[String(line[..<colon])] = String(line[line.index(after: colon)...])
        }
        return values
    }
}

/// `HELLO`, without a change of the protocol: what the server is, by name. No access control list can forbid it.
public struct HELLO: RedisCommand {
    /// The command as it goes over the wire.
    public var encoded: RESPCommand { RESPCommand("HELLO") }
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    public init() {}

    /// Reads the reply: `server`, `version`, `mode` and `role` among others; what is not text is left out.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> [String: String] {
        var values: [String: String] = [:]
        for (name, value) in try reply.expectPairs(of: "HELLO") {
            if let name = name.string, let value = value.string { values[name] = value }
        }
        return values
    }
}

/// Commands on the server's settings.
public enum CONFIG {
    /// `CONFIG GET`: settings by name.
    public struct GET: RedisCommand {
        /// The command as it goes over the wire.
        public let encoded: RESPCommand
        /// True: it changes nothing on the server.
        public var isIdempotent: Bool { true }

        /// Creates the command.
        ///
        /// - Parameter pattern: A setting's name or a glob pattern.
        public init(_ pattern: String) {
            encoded = RESPCommand("CONFIG", "GET", pattern)
        }

        /// Reads the reply: settings by name.
        public static func decode(_ reply: RESPValue) throws(RedisError) -> [String: String] {
            var values: [String: String] = [:]
            for (name, value) in try reply.expectPairs(of: "CONFIG") {
                values[try name.expectText(of: "CONFIG")] = try value.expectText(of: "CONFIG")
            }
            return values
        }
    }
}

/// Commands on the server's script cache.
public enum SCRIPT {
    /// `SCRIPT LOAD`: caches a script until the server restarts or is told to forget; its SHA-1.
    public struct LOAD: RedisCommand {
        /// The command as it goes over the wire.
        public let encoded: RESPCommand
        /// True: a second time finds it done.
        public var isIdempotent: Bool { true }

        /// Creates the command.
        ///
        /// - Parameter script: The script.
        public init(_ script: RedisScript) {
            var command = RESPCommand("SCRIPT", capacityHint: script.source.count + 32)
            command.append("LOAD")
            command.append(bytes: script.source)
            encoded = command
        }

        /// Reads the reply: its SHA-1.
        public static func decode(_ reply: RESPValue) throws(RedisError) -> String {
            try reply.expectText(of: "SCRIPT")
        }
    }

    /// `SCRIPT FLUSH`: empties the cache.
    public struct FLUSH: RedisCommand {
        /// The command as it goes over the wire.
        public var encoded: RESPCommand { RESPCommand("SCRIPT", "FLUSH") }
        /// True: a second time finds it done.
        public var isIdempotent: Bool { true }

        /// Creates the command.
        public init() {}

        /// Reads the reply: there is nothing in it but that it came.
        public static func decode(_ reply: RESPValue) throws(RedisError) {
            try reply.expectStatus(of: "SCRIPT")
        }
    }
}

/// Commands on what keys take in memory.
public enum MEMORY {
    /// `MEMORY USAGE`: the bytes that a key takes, all of it counted; nil when there is no such key. A large key takes some milliseconds.
    ///
    /// Of a stream, what its groups have pending is told several times over.
    public struct USAGE: RedisCommand {
        /// The command as it goes over the wire.
        public let encoded: RESPCommand
        /// True: it changes nothing on the server.
        public var isIdempotent: Bool { true }

        /// Creates the command.
        ///
        /// - Parameter key: The key.
        public init(_ key: String) {
            encoded = RESPCommand("MEMORY", "USAGE", key, "SAMPLES", "0")
        }

        /// Reads the reply: the bytes that a key takes, or nil when there is no such key.
        public static func decode(_ reply: RESPValue) throws(RedisError) -> Int? {
            if reply.isNull { return nil }
            return try reply.expectInteger(of: "MEMORY")
        }
    }
}

/// Commands on what users may do.
public enum ACL {
    /// `ACL WHOAMI`: the user of this connection.
    public struct WHOAMI: RedisCommand {
        /// The command as it goes over the wire.
        public var encoded: RESPCommand { RESPCommand("ACL", "WHOAMI") }
        /// True: it changes nothing on the server.
        public var isIdempotent: Bool { true }

        /// Creates the command.
        public init() {}

        /// Reads the reply: the user's name.
        public static func decode(_ reply: RESPValue) throws(RedisError) -> String {
            try reply.expectText(of: "ACL")
        }
    }

    /// `ACL DRYRUN`: whether a user may call a command, which is not executed.
    public struct DRYRUN: RedisCommand {
        /// The command as it goes over the wire.
        public let encoded: RESPCommand
        /// True: it changes nothing on the server.
        public var isIdempotent: Bool { true }

        /// Creates the command.
        ///
        /// - Parameters:
        ///   - user: The user's name.
        ///   - call: The command with as many arguments as it needs.
        public init(_ user: String, _ call: [String]) {
            encoded = RESPCommand("ACL", texts: ["DRYRUN", user] + call)
        }

        /// Reads the reply: why the user may not, in the server's words; nil when it may.
        public static func decode(_ reply: RESPValue) throws(RedisError) -> String? {
            let text = try reply.expectText(of: "ACL")
            return text == "OK" ? nil : text
        }
    }
}
