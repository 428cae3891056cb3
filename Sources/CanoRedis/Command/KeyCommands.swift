import CanoPrimitives

/// `PING`: the server is there and answers.
public struct PING: RedisCommand {
    /// The command as it goes over the wire.
    public var encoded: RESPCommand { RESPCommand("PING") }
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    public init() {}

    /// Reads the reply: there is nothing in it but that it came.
    public static func decode(_ reply: RESPValue) throws(RedisError) {
        try reply.expectStatus(of: "PING")
    }
}

/// `GET`: the bytes of a string key, or nil when there is none.
public struct GET: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameter key: The key.
    public init(_ key: String) {
        encoded = RESPCommand("GET", key)
    }

    /// Reads the reply: the bytes of a string key, or nil when there is none.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> RESPBytes? {
        try reply.expectOptionalBytes(of: "GET")
    }
}

/// `SET`: writes a string key, whatever was there before. True when it was written.
public struct SET: RedisCommand {
    /// When the key is written.
    public enum Condition: Sendable {
        /// In any case.
        case always
        /// Only when there is no such key: `NX`.
        case ifAbsent
        /// Only when there is such a key: `XX`.
        case ifPresent
    }

    /// The command as it goes over the wire.
    public let encoded: RESPCommand

    /// True for an unconditional write without an expiry: the second time changes nothing.
    public let isIdempotent: Bool

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: Its bytes.
    ///   - expiry: How long the key lives, to the millisecond; nil for ever.
    ///   - condition: When it is written.
    public init(_ key: String, _ value: some Collection<UInt8>, expiry: Duration? = nil, condition: Condition = .always) {
        var command = RESPCommand("SET", capacityHint: key.utf8.count + value.count + 64)
        command.append(key)
        command.append(bytes: value)
        if let expiry {
            command.append("PX")
            command.append(expiry.wholeMilliseconds)
        }
        switch condition {
        case .always: isIdempotent = expiry == nil
        case .ifAbsent:
            command.append("NX")
            isIdempotent = false
        case .ifPresent:
            command.append("XX")
            isIdempotent = false
        }
        encoded = command
    }

    /// Creates the command for text.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - text: Its value, written as UTF-8.
    ///   - expiry: How long the key lives, to the millisecond; nil for ever.
    ///   - condition: When it is written.
    public init(_ key: String, _ text: String, expiry: Duration? = nil, condition: Condition = .always) {
        self.init(key, Array(text.utf8), expiry: expiry, condition: condition)
    }

    /// Reads the reply: whether the key was written.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> Bool {
        if reply.isNull { return false }
        try reply.expectStatus(of: "SET")
        return true
    }
}

/// `DEL`: removes keys; how many there were.
public struct DEL: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand

    /// Creates the command.
    ///
    /// - Parameter keys: The keys; one or more.
    public init(_ keys: [String]) {
        encoded = RESPCommand("DEL", texts: keys)
    }

    /// Creates the command.
    ///
    /// - Parameter keys: The keys; one or more.
    public init(_ keys: String...) {
        self.init(keys)
    }

    /// Reads the reply: how many there were.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> Int {
        try reply.expectInteger(of: "DEL")
    }
}

/// `EXISTS`: how many of the keys there are.
public struct EXISTS: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameter keys: The keys; one or more, a key given twice counts twice.
    public init(_ keys: String...) {
        encoded = RESPCommand("EXISTS", texts: keys)
    }

    /// Reads the reply: how many of the keys there are.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> Int {
        try reply.expectInteger(of: "EXISTS")
    }
}

/// `PEXPIRE`: gives a key a time to live; false when there is no such key.
public struct PEXPIRE: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - expiry: How long it lives from now, to the millisecond.
    public init(_ key: String, after expiry: Duration) {
        var command = RESPCommand("PEXPIRE", key)
        command.append(expiry.wholeMilliseconds)
        encoded = command
    }

    /// Reads the reply: whether there is such a key.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> Bool {
        try reply.expectInteger(of: "PEXPIRE") == 1
    }
}

/// `PTTL`: how long a key lives on; nil when it has no end, or there is no such key.
public struct PTTL: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameter key: The key.
    public init(_ key: String) {
        encoded = RESPCommand("PTTL", key)
    }

    /// Reads the reply: how long a key lives on, or nil when it has no end, or there is no such key.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> Duration? {
        let milliseconds = try reply.expectInteger(of: "PTTL")
        return milliseconds < 0 ? nil : .milliseconds(milliseconds)
    }
}

/// `TYPE`: what a key holds, such as `hash` or `stream`; `none` when there is no such key.
public struct TYPE: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameter key: The key.
    public init(_ key: String) {
        encoded = RESPCommand("TYPE", key)
    }

    /// Reads the reply: the type's name, or `none`.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> String {
        try reply.expectText(of: "TYPE")
    }
}

/// `KEYS`: every key that matches a pattern. The server does nothing else meanwhile: for tests and small databases.
public struct KEYS: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameter pattern: A glob pattern.
    public init(_ pattern: String) {
        encoded = RESPCommand("KEYS", pattern)
    }

    /// Reads the reply: the keys in no order.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> [RESPBytes] {
        try reply.expectArray(of: "KEYS") { key throws(RedisError) in try key.expectBytes(of: "KEYS") }
    }
}

/// `SCAN`: some keys and where to go on. A key may come twice; those there all along come at least once.
public struct SCAN: RedisCommand {
    /// One step of a scan.
    public struct Response: Sendable, Hashable {
        /// Where to go on; `0` when the scan is over.
        public let cursor: String
        /// The keys of this step; may be empty before the scan is over.
        public let keys: [RESPBytes]
    }

    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - cursor: `0` to begin, then the last step's cursor.
    ///   - pattern: A glob pattern the keys must match; nil for all.
    ///   - count: How many keys the server looks at, about.
    public init(cursor: String = "0", matching pattern: String? = nil, count: Int? = nil) {
        var command = RESPCommand("SCAN", cursor)
        if let pattern {
            command.append("MATCH")
            command.append(pattern)
        }
        if let count {
            command.append("COUNT")
            command.append(count)
        }
        encoded = command
    }

    /// Reads the reply: some keys and where to go on.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> Response {
        let parts = try reply.expectArray(of: "SCAN")
        guard parts.count == 2 else { throw reply.unexpected("a cursor and keys", from: "SCAN") }
        return Response(
            cursor: try parts[0].expectText(of: "SCAN"),
            keys: try parts[1].expectArray(of: "SCAN") { key throws(RedisError) in try key.expectBytes(of: "SCAN") }
        )
    }
}
