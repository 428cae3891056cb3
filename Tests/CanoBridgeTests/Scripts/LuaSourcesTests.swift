import CanoBus
import CanoRedis
import Foundation
import Testing

@testable import CanoBridge
@testable import CanoRedisStores

/// What holds for every script in Lua, whether or not a test comes by the line.
@Suite("The sources in Lua", .timeLimit(.minutes(5)))
struct LuaSourcesTests {
    static let scripts = [
        Accept.script, AdmitTasks.script, Cancel.script, CheckRights.script, Claim.script, Commit.script, EndUnclaimed.script,
        ExpireSignals.script, Finish.script, Fire.script,
        Flush.script, Forget.script, KeepGraphs.script, Lapse.script, PauseSchedule.script, Reject.script, RemoveConsumer.script,
        RemoveSchedule.script,
        Renew.script,
        Reserve.script,
        Resume.script, ResumeSchedule.script, RunSchedule.script, SetSchedule.script, Signal.script, TakeAnswer.script, AcquireRun.script,
        AppendElement.script, AppendRow.script,
        ApplyWrites.script,
        BeginRun.script, ClearRun.script, ReleaseRun.script,
        RenewLeases.script,
    ]

    /// The files of both targets, by their names, of this target's or all.
    private static func files(in targets: [String] = ["CanoBridge", "CanoRedisStores"]) throws -> [String: String] {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources")
        var files: [String: String] = [:]
        for target in targets {
            let folder = sources.appending(path: target)
            for case let file as URL in FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil) ?? .init() {
                if file.pathExtension == "lua" { files[file.lastPathComponent] = try String(contentsOf: file, encoding: .utf8) }
            }
        }
        return files
    }

    @Test("are all those that a script is made of, and this suite looks at every script")
    func complete() throws {
        let files = try Self.files()
        #expect(files.count == 34 + 29 + 3)
        #expect(Set(Self.scripts.map { "\($0.name).lua" }).isSubset(of: files.keys))
        let all = Self.scripts.map { String(decoding: $0.source, as: UTF8.self) }
        for (name, text) in files {
            // Comments stay as they are where a script is put together.
            let comments = text.split(separator: "\n").filter { $0.hasPrefix("-- ") }
            #expect(comments.count > 0)
            #expect(all.contains { source in comments.allSatisfy { source.contains($0) } }, "\(name) is part of no script")
        }
    }

    @Test("name their keys and arguments, and count none of them")
    func numbers() throws {
        for (name, text) in try Self.files() {
            for token in LuaToken.tokens(of: text) where token.kind == .name {
                #expect(token.text != "KEYS" && token.text != "ARGV", "\(name):\(token.line)")
            }
        }
    }

    // MARK: Names

    private static func unknownNames(in source: [LuaToken]) -> [String] { LuaNames(source).unknown.map { "\($0.text) in line \($0.line)" } }

    @Test("use no name that is neither theirs nor known", arguments: scripts.map(\.name))
    func names(script: String) throws {
        let script = try #require(Self.scripts.first { $0.name == script })
        #expect(Self.unknownNames(in: LuaToken.tokens(of: String(decoding: script.source, as: UTF8.self))) == [])
    }

    @Test("betray every name that is misspelled", arguments: ["claim", "set_schedule", "apply_writes"])
    func misspelled(script: String) throws {
        let script = try #require(Self.scripts.first { $0.name == script })
        let tokens = LuaToken.tokens(of: String(decoding: script.source, as: UTF8.self))
        let uses = LuaNames(tokens).uses
        #expect(uses.count > 100)
        for place in stride(from: 0, to: uses.count, by: 7).map({ uses[$0] }) {
            var misspelled = tokens
            let token = tokens[place]
            misspelled[place] = LuaToken(kind: .name, text: token.text + "s", line: token.line)
            // A plural may be a name too.
            guard !tokens.contains(where: { $0.text == token.text + "s" }) else { continue }
            #expect(Self.unknownNames(in: misspelled).contains("\(token.text)s in line \(token.line)"))
        }
    }

    @Test(
        "are looked at by a scanner that knows blocks, loops, functions and tables",
        arguments: [
            ("local a = 1\nreturn a", []), ("return a", ["a"]), ("if b then local a = 1 end return a", ["b", "a"]),
            ("for i, v in ipairs(KEYS) do redis.call(v, i) end return i", ["i"]), ("for i = 1, 2 do end return i", ["i"]),
            ("local function f(x) return f(x, y) end", ["y"]), ("local f = function(x, ...) return x end", []),
            ("local t = { a = 1, [b] = 2, c }", ["b", "c"]), ("local t = {} t.a = t.b.c", []), ("string.formats('%d', 1)", ["formats"]),
            ("if 1 then local a = 1 elseif a then return a else return a end", ["a", "a", "a"]), ("local a -- b c\nreturn 'd' .. a", []),
        ] as [(String, [String])])
    func scanner(source: String, unknown: [String]) {
        #expect(LuaNames(LuaToken.tokens(of: source)).unknown.map(\.text) == unknown)
    }

    // MARK: Words

    /// Calls all commands there are, by rules that name them in words of Redis; CheckRightsTests has what holds for it.
    private static let probe = "check_rights.lua"

    /// The commands of Redis, and what they are told.
    private static let redisWords: Set<String> = [
        "DEL", "EXISTS", "GET", "HDEL", "HEXISTS", "HGET", "HGETALL", "HKEYS", "HLEN", "HMGET", "HSET", "LLEN", "LRANGE", "LSET", "LTRIM",
        "PERSIST", "PEXPIRE",
        "RPUSH", "SET", "TIME", "UNLINK", "XACK", "XADD", "XDEL", "XGROUP", "XINFO", "XLEN", "XPENDING", "XRANGE", "ZADD", "ZCARD",
        "ZRANGEBYSCORE", "ZREM", "ZREMRANGEBYRANK", "ZSCORE", "DUMP", "RESTORE", "CONSUMERS", "GROUPS", "STREAM", "COUNT", "MKSTREAM",
        "CREATE",
        "DELCONSUMER", "LIMIT",
        "MAXLEN", "PX",
        "REPLACE", "WITHSCORES", "~", "*", "-inf", "+inf",
        // What XADD fails with where the key is the matter.
        "WRONGTYPE", "exhausted",
        // Of a consumer group, as Redis tells of it.
        "last-delivered-id",
        // Of a stream.
        "last-generated-id",
        // What a value of Lua is.
        "number", "string", "table",
    ]
    /// What the contract calls things.
    private static let contractWords: Set<String> = Set(
        Field.allCases.map(\.rawValue) + EventType.allCases.map(\.rawValue) + RunStatus.allCases.map(\.rawValue)
            + RollbackResult.allCases.map(\.rawValue) + ResumeCause.allCases.map(\.rawValue) + CommandType.allCases.map(\.rawValue)
            + InboundStream.allCases.map(\.rawValue) + RejectionCode.allCases.map(\.rawValue) + SignalOutcome.allCases.map(\.rawValue)
            + [
                RunFailure.poison, "1.0", "application/json", EventEntry.rejected, EventEntry.duplicate, DeadLetter.originalPrefix,
                EventEntry.schedule, EventEntry.skipped, EventEntry.signal,
            ])
    /// What a script is told for an argument that has several words.
    private static let argumentWords = Set(["capacity", "any", "known", "only-known", "renew", "release"])
    /// The operations on stores that runs share, and the refusals of their writes.
    private static let storeWords: Set<String> = [
        "put", "remove", "increment", "put_if_absent", "append", "conflict", "unfit", "too-large",
    ]

    /// The words with which a file says what it answers: its comments from "Gives" or "Returns" on.
    private static func answers(in text: String) -> Set<String> {
        var words: Set<String> = []
        var isAnswer = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.hasPrefix("-- ") else {
                isAnswer = false
                continue
            }
            let parts = line.split { !($0.isLetter || $0 == "-" || $0 == "_") }.map(String.init)
            for word in parts {
                isAnswer = isAnswer || word == "Gives" || word == "Returns"
                if isAnswer { words.insert(word) }
            }
        }
        return words
    }

    @Test("quote only words of Redis, of the contract, and answers that they describe")
    func words() throws {
        let files = try Self.files(in: ["CanoBridge"])
        let scripts = Set(Self.scripts.map { "\($0.name).lua" })
        let all = files.values.reduce(into: Set<String>()) { $0.formUnion(Self.answers(in: $1)) }
        for (name, text) in files where name != Self.probe {
            // What a library answers its scripts describe.
            let answers = scripts.contains(name) ? Self.answers(in: text) : all
            for token in LuaToken.tokens(of: text) where token.kind == .string {
                let word = token.text
                // Patterns, numbers, what joins the parts of an id, and JSON.
                if word.contains("%") || !word.contains(where: \.isLetter) || word == "null" { continue }
                let isKnown =
                    Self.redisWords.contains(word) || Self.contractWords.contains(word) || Self.argumentWords.contains(word)
                    || answers.contains(word)
                #expect(isKnown, "\(name):\(token.line): '\(word)'")
            }
        }
    }

    @Test("call only commands of Redis that are known here")
    func commands() throws {
        for (name, text) in try Self.files() where name != Self.probe {
            let tokens = LuaToken.tokens(of: text)
            for index in tokens.indices.dropLast(2)
            where index > 1 && tokens[index - 2].text == "redis" && ["call", "pcall"].contains(tokens[index].text) {
                let command = tokens[index + 2]
                #expect(command.kind == .string && Self.redisWords.contains(command.text), "\(name):\(command.line): \(command.text)")
            }
        }
    }

    /// The members of tables that are of no record, no event and no schedule.
    private static let ownMembers: Set<String> = [
        // Of a command that is answered, and of what a claim tells.
        "stream", "is_start", "source_prefix", "previous",
        // Of what Redis answers in place of a reply.
        "err",
        // Of a consumer, as Redis tells of it.
        "pending", "idle",
        // Of a task, as its run remembers it.
        "nonce", "queue", "queue_ms", "released", "losses",
        // Of a queue.
        "held", "holds", "length", "held_time", "was_empty",
        // Of what a step hands out, starts and cancels.
        "all", "tasks", "children",
        // Of a child, as its parent remembers it, and of the parent that is told of its end.
        "policy", "child", "leg", "record", "inbox", "open", "awaited", "is_moved",
    ]

    @Test("have no member in a table that is no field of the contract, but a few of their own")
    func members() throws {
        for (name, text) in try Self.files(in: ["CanoBridge"]) {
            let tokens = LuaToken.tokens(of: text)
            for index in tokens.indices.dropFirst().dropLast() where tokens[index].kind == .name {
                let (before, after) = (tokens[index - 1], tokens[index + 1])
                let isOfGlobal = index > 1 && (LuaNames.globals[tokens[index - 2].text] ?? nil) != nil
                let isMember = before.kind == .symbol && before.text == "." && !isOfGlobal
                let isKey = before.kind == .symbol && ["{", ","].contains(before.text) && after.kind == .symbol && after.text == "="
                // `a, b = …` looks like a table's key, and is a local or an argument.
                guard isMember || isKey && !isAssignment(tokens, index) else { continue }
                let member = tokens[index]
                #expect(
                    Self.contractWords.contains(member.text) || Self.ownMembers.contains(member.text),
                    "\(name):\(member.line): \(member.text)")
            }
        }
    }

    /// Whether a name is the last of several that are assigned to.
    private func isAssignment(_ tokens: [LuaToken], _ index: Int) -> Bool {
        var depth = 0
        for token in tokens[..<index].reversed() where token.kind == .symbol {
            switch token.text {
            case "}": depth += 1
            case "{" where depth == 0: return false
            case "{": depth -= 1
            default: break
            }
        }
        return true
    }
}
