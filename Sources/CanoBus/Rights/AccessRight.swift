/// Something that a Redis user has to be allowed for a kind of work: a command, tried on a key that the work needs it for.
package struct AccessRight: Sendable, Hashable {
    /// The command as rules of access control lists name it, without the sign: `xinfo|groups`.
    package let command: String
    /// The keys it needs it for as rules name them: `%R~cano:*`; nil of a command that has none.
    package let keys: String?
    /// The command with as many arguments as it needs.
    package let call: [String]

    private init(_ command: String, _ keys: String?, _ call: [String]) {
        self.command = command
        self.keys = keys
        self.call = call
    }

    /// The rules that allow it.
    package func rule(isAboutKeys: Bool) -> String { isAboutKeys ? keys ?? "~*" : "+" + command }

    /// A command without a key.
    private static func plain(_ call: String...) -> AccessRight { AccessRight(call[0].lowercased(), nil, call) }

    /// A command whose first argument is a key.
    private static func on(_ key: String, _ keys: String, _ name: String, _ arguments: String...) -> AccessRight {
        AccessRight(name.lowercased(), keys, [name, key] + arguments)
    }
}

extension AccessRight {
    /// What a bridge needs, as docs/security.md has it; what it can do without is left out.
    package static func ofBridge(_ keys: BusKeys) -> [AccessRight] {
        let (key, all) = (keys.probe(of: "doctor"), "~\(keys.prefix):*")
        func on(_ name: String, _ arguments: String...) -> AccessRight {
            AccessRight(name.lowercased(), all, [name, key] + arguments)
        }
        func sub(_ name: String, _ subcommand: String, _ arguments: String...) -> AccessRight {
            AccessRight("\(name)|\(subcommand)".lowercased(), all, [name, subcommand, key] + arguments)
        }
        return [
            plain("PING"), AccessRight("client|setname", nil, ["CLIENT", "SETNAME", "x"]),
            AccessRight("eval", nil, ["EVAL", "return 1", "0"]),
            AccessRight("evalsha", nil, ["EVALSHA", String(repeating: "0", count: 40), "0"]),
            AccessRight("script|load", nil, ["SCRIPT", "LOAD", "return 1"]), plain("TIME"),
            on("XADD", "*", "a", "b"), on("XDEL", "1-1"), on("XACK", "g", "1-1"), on("XLEN"), on("XRANGE", "-", "+"),
            on("XTRIM", "MAXLEN", "1"), AccessRight("xreadgroup", all, ["XREADGROUP", "GROUP", "g", "c", "STREAMS", key, ">"]),
            sub("XGROUP", "CREATE", "g", "0"), sub("XGROUP", "DELCONSUMER", "g", "c"), sub("XINFO", "CONSUMERS", "g"),
            sub("XINFO", "GROUPS"), sub("XINFO", "STREAM"), on("XPENDING", "g"), on("XCLAIM", "g", "c", "0", "1-1"),
            on("HGET", "f"), on("HSET", "f", "v"), on("HDEL", "f"), on("HMGET", "f"), on("HGETALL"), on("HLEN"), on("HEXISTS", "f"),
            on("HINCRBY", "f", "1"), on("HSETNX", "f", "v"), on("HKEYS"),
            on("GET"), on("SET", "v"), on("DEL"), on("EXISTS"), on("UNLINK"), on("PEXPIRE", "1"), on("PERSIST"), on("TYPE"),
            on("LRANGE", "0", "0"), on("LLEN"), on("LSET", "0", "v"), on("LTRIM", "0", "0"), on("RPUSH", "v"),
            on("ZADD", "1", "m"), on("ZCARD"), on("ZCOUNT", "0", "1"), on("ZRANGEBYSCORE", "0", "1"), on("ZREM", "m"),
            on("ZREMRANGEBYSCORE", "0", "1"), on("ZREMRANGEBYRANK", "0", "0"), on("ZSCORE", "m"), sub("MEMORY", "USAGE"),
        ]
    }

    /// What an operator needs, as docs/security.md has it.
    package static func ofOperator(_ keys: BusKeys) -> [AccessRight] {
        let all = "%R~\(keys.prefix):*"
        func read(_ key: String, _ name: String, _ arguments: String...) -> AccessRight {
            AccessRight(name.lowercased(), all, [name, key] + arguments)
        }
        let writes = [keys.commands, keys.control, keys.deadLetters].flatMap { key in
            [on(key, "%W~\(key)", "XADD", "*", "a", "b"), on(key, "%W~\(key)", "XDEL", "1-1")]
        }
        let replies = keys.replies(to: "x")
        return [
            plain("PING"), plain("TIME"), plain("INFO"), AccessRight("scan", nil, ["SCAN", "0"]),
            on(replies, "%W~\(keys.replies(to: "*"))", "DEL"), read(keys.events, "TYPE"),
            AccessRight("xread", all, ["XREAD", "STREAMS", keys.events, "0"]), read(keys.events, "XRANGE", "-", "+"),
            read(keys.events, "XREVRANGE", "+", "-"), read(keys.events, "XLEN"), read(keys.commands, "XPENDING", BusKeys.group),
            AccessRight("xinfo", all, ["XINFO", "GROUPS", keys.events]),
            AccessRight("memory|usage", all, ["MEMORY", "USAGE", keys.events]),
            read(keys.record(of: "x"), "HGET", "f"), read(keys.record(of: "x"), "HMGET", "f"), read(keys.record(of: "x"), "HGETALL"),
            read(keys.record(of: "x"), "PTTL"), read(keys.log(of: "x"), "LRANGE", "0", "0"), read(keys.log(of: "x"), "LLEN"),
            read(keys.failed, "ZRANGEBYSCORE", "0", "1"), read(keys.failed, "ZREVRANGEBYSCORE", "1", "0"),
            read(keys.failed, "ZRANGE", "0", "0"), read(keys.failed, "ZSCAN", "0"), read(keys.failed, "ZSCORE", "m"),
            read(keys.failed, "ZCARD"),
        ] + writes
    }
}
