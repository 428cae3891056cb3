/// `HGET`: the bytes of a hash field, or nil when there is none.
public struct HGET: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The hash.
    ///   - field: The field's name.
    public init(_ key: String, _ field: String) {
        encoded = RESPCommand("HGET", key, field)
    }

    /// Reads the reply: the bytes of a hash field, or nil when there is none.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> RESPBytes? {
        try reply.expectOptionalBytes(of: "HGET")
    }
}

/// `HMGET`: the bytes of several hash fields in the order asked for, nil for each that is missing.
public struct HMGET: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The hash.
    ///   - fields: The fields' names; one or more.
    public init(_ key: String, _ fields: [String]) {
        encoded = RESPCommand("HMGET", texts: [key] + fields)
    }

    /// Reads the reply: the bytes of several hash fields in the order asked for, nil for each that is missing.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> [RESPBytes?] {
        try reply.expectArray(of: "HMGET") { value throws(RedisError) in try value.expectOptionalBytes(of: "HMGET") }
    }
}

/// `HGETALL`: every field of a hash in the server's order; empty when there is no such hash.
public struct HGETALL: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameter key: The hash.
    public init(_ key: String) {
        encoded = RESPCommand("HGETALL", key)
    }

    /// Reads the reply: names and values; empty when there is no such hash.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> [(field: RESPBytes, value: RESPBytes)] {
        var fields: [(field: RESPBytes, value: RESPBytes)] = []
        for (field, value) in try reply.expectPairs(of: "HGETALL") {
            fields.append((try field.expectBytes(of: "HGETALL"), try value.expectBytes(of: "HGETALL")))
        }
        return fields
    }
}

/// `HSET`: writes fields of a hash; how many are new.
public struct HSET: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The hash.
    ///   - fields: Names and bytes; one or more.
    public init(_ key: String, _ fields: [(field: String, value: RESPBytes)]) {
        var command = RESPCommand("HSET", key)
        for (field, value) in fields {
            command.append(field)
            command.append(bytes: value)
        }
        encoded = command
    }

    /// Creates the command for one field of text.
    ///
    /// - Parameters:
    ///   - key: The hash.
    ///   - field: The field's name.
    ///   - text: Its value, written as UTF-8.
    public init(_ key: String, _ field: String, _ text: String) {
        encoded = RESPCommand("HSET", key, field, text)
    }

    /// Reads the reply: how many are new.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> Int {
        try reply.expectInteger(of: "HSET")
    }
}

/// `HSETNX`: writes a field of a hash that has none of that name; whether it was written.
public struct HSETNX: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The hash.
    ///   - field: The field's name.
    ///   - text: Its value, written as UTF-8.
    public init(_ key: String, _ field: String, _ text: String) {
        encoded = RESPCommand("HSETNX", key, field, text)
    }

    /// Reads the reply: whether it was written.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> Bool {
        try reply.expectInteger(of: "HSETNX") == 1
    }
}

/// `HDEL`: removes fields of a hash; how many there were.
public struct HDEL: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The hash.
    ///   - fields: Their names; one or more.
    public init(_ key: String, _ fields: [String]) {
        var command = RESPCommand("HDEL", key)
        for field in fields { command.append(field) }
        encoded = command
    }

    /// Reads the reply: how many there were.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> Int {
        try reply.expectInteger(of: "HDEL")
    }
}

/// `HLEN`: how many fields a hash has; 0 when there is no such hash.
public struct HLEN: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameter key: The hash.
    public init(_ key: String) {
        encoded = RESPCommand("HLEN", key)
    }

    /// Reads the reply: the number of fields; 0 when there is no such hash.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> Int {
        try reply.expectInteger(of: "HLEN")
    }
}
