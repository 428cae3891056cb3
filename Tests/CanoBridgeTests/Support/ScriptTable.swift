import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import Logging
import RedisServerFixture
import Testing

@testable import CanoBridge

/// One bus of a table of scripts: keys to set up under a prefix of its own, calls, and keys to look at afterwards.
struct ScriptTable {
    /// When the calls are made, in milliseconds since 1970: now, or a script would take them for calls repeated for long.
    let made: Int64
    let redis: RedisClient
    let bus: Bus

    var keys: BusKeys { bus.keys }
    /// The lists of the workflow `w`, version 1, which the tables' runs are of.
    var leases: String { keys.leases(of: "w", version: "1") }
    var timers: String { keys.timers(of: "w", version: "1") }
    var waits: String { keys.waits(of: "w", version: "1") }

    /// Gives a body a bus of its own on the suite's server.
    static func row(_ body: (ScriptTable) async throws -> Void) async throws {
        let redis = try #require(SharedRedisServer.client)
        let keys = try BusKeys(prefix: "row-\(UInt64.random(in: 0 ... .max))")
        let now = try await redis.execute(TIME())
        let bus = Bus(
            bridge: "b", keys: keys, limits: BusLimits(), clock: BusClock(SystemClock()), redis: redis, logger: quietLogger,
            random: .always(0))
        try await body(ScriptTable(made: now / 1_000, redis: redis, bus: bus))
    }

    // MARK: Before

    /// Publishes a command and delivers it to this bridge, as an intake does.
    @discardableResult func publish(
        _ fields: [(String, String)] = [("type", "any")], on stream: InboundStream = .commands, id: StreamEntryID? = nil
    ) async throws -> StreamEntryID {
        let key = keys.inbound(stream)
        _ = try await redis.execute(XGROUP.CREATE(key, BusKeys.group))
        let entry = try #require(await redis.execute(XADD(key, id: id, fields.map { ($0.0, Array($0.1.utf8)) })))
        _ = try await redis.execute(raw: RESPCommand("XREADGROUP", "GROUP", BusKeys.group, bus.bridge, "STREAMS", key, ">"))
        return entry
    }

    func set(_ key: String, _ fields: KeyValuePairs<Field, String>) async throws {
        _ = try await redis.execute(HSET(key, fields.map { ($0.key.rawValue, Array($0.value.utf8)) }))
    }

    func list(_ member: String, in key: String, at score: Int64) async throws {
        _ = try await redis.execute(ZADD(key, [(score: Double(score), member: member)]))
    }

    /// Puts a text where something else belongs.
    func spoil(_ key: String) async throws {
        _ = try await redis.execute(DEL(key))
        _ = try await redis.execute(SET(key, "something else"))
    }

    // MARK: The call

    func call<Call: ScriptCall>(_ call: Call) async throws -> Call.Answer {
        try call.answer(try await redis.evaluate(call.encoded))
    }

    /// Expects that a call fails, key by key, where a key holds something else, and writes nothing then.
    func expectFailure<Call: ScriptCall>(_ call: Call, spoiling keys: [String]) async throws {
        for key in keys {
            let before = try await redis.execute(raw: RESPCommand("DUMP", key))
            try await spoil(key)
            try await expectNothingWritten {
                let error = await #expect(throws: RedisError.self, "with something else at \(key)") { try await self.call(call) }
                #expect(error?.serverError?.message.contains("WRONGTYPE") == true, "\(key): \(error.map { "\($0)" } ?? "")")
            }
            _ = try await redis.execute(DEL(key))
            if let bytes = before.bytes {
                var restore = RESPCommand("RESTORE", key, "0")
                restore.append(bytes: bytes)
                _ = try await redis.execute(raw: restore)
            }
        }
    }

    /// Lets a stream have the last id there is.
    func exhaust(_ stream: String) async throws {
        _ = try await redis.execute(XADD(stream, id: StreamEntryID(milliseconds: .max, sequence: .max), [("a", Array("b".utf8))]))
    }

    /// Expects that a call fails, stream by stream, where a stream can take no more entries, and writes nothing then.
    ///
    /// - Parameters:
    ///   - call: The call.
    ///   - streams: The streams.
    ///   - others: Streams that may have had an entry for a moment.
    /// - Throws: What looking at the bus throws.
    func expectFailure<Call: ScriptCall>(_ call: Call, exhausting streams: [String], but others: [String] = []) async throws {
        for stream in streams {
            let before = try await redis.execute(raw: RESPCommand("DUMP", stream))
            try await exhaust(stream)
            var lengths: [Int] = []
            for other in others { lengths.append(try await redis.execute(XLEN(other))) }
            try await expectNothingWritten(but: others) {
                let error = await #expect(throws: RedisError.self, "with no id left on \(stream)") { try await self.call(call) }
                let message = error?.serverError?.message ?? ""
                #expect(message.contains("exhausted") && message.contains("rename \(stream)"), "\(stream): \(message)")
            }
            for (other, length) in zip(others, lengths) { #expect(try await redis.execute(XLEN(other)) == length) }
            _ = try await redis.execute(DEL(stream))
            if let bytes = before.bytes {
                var restore = RESPCommand("RESTORE", stream, "0")
                restore.append(bytes: bytes)
                _ = try await redis.execute(raw: restore)
            }
        }
    }

    // MARK: After

    /// Every key of this bus, byte for byte, and when it expires.
    func contents() async throws -> [String: Contents] {
        var contents: [String: Contents] = [:]
        for name in try await redis.execute(KEYS(keys.prefix + ":*")) {
            let key = String(decoding: name, as: UTF8.self)
            // A hash keeps its fields in no order.
            let isHash = try await redis.execute(TYPE(key)) == "hash"
            let bytes = isHash ? nil : try await redis.execute(raw: RESPCommand("DUMP", key)).bytes
            let fields = isHash ? try await hash(key) : [:]
            let expiry = try await redis.execute(raw: RESPCommand("PEXPIRETIME", key)).integerValue ?? 0
            contents[key] = Contents(bytes: bytes, fields: fields, expiry: expiry)
        }
        return contents
    }

    struct Contents: Hashable {
        let bytes: [UInt8]?
        let fields: [String: String]
        let expiry: Int64
    }

    /// Expects that a body writes to no key but these.
    func expectNothingWritten(
        but exceptions: [String] = [], sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
    ) async throws {
        let before = try await contents()
        try await body()
        let after = try await contents()
        let changed = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] && !exceptions.contains($0) }
        #expect(changed.sorted() == [], sourceLocation: sourceLocation)
    }

    /// Expects that the same call writes nothing more and is answered like this.
    func expectOnce<Call: ScriptCall>(
        _ call: Call, answers answer: Call.Answer, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws where Call.Answer: Equatable {
        try await expectNothingWritten(sourceLocation: sourceLocation) {
            let found = try await self.call(call)
            #expect(found == answer, sourceLocation: sourceLocation)
        }
    }

    func hash(_ key: String) async throws -> [String: String] { [String: String](hash: try await redis.execute(HGETALL(key))) }

    /// A hash by the names of the contract.
    func fields(_ key: String) async throws -> [Field: String] {
        Dictionary(
            uniqueKeysWithValues: try await hash(key).map { (try #require(Field(rawValue: $0.key), "\($0.key) is no field"), $0.value) })
    }

    func score(of member: String, in key: String) async throws -> Double? { try await redis.execute(ZSCORE(key, member)) }

    func texts(in list: String) async throws -> [String] {
        (try await redis.execute(raw: RESPCommand("LRANGE", list, "0", "-1")).arrayValue ?? []).compactMap(\.string)
    }

    /// Milliseconds until a key expires; nil for one that stays.
    func lifetime(of key: String) async throws -> Int64? {
        let left = try await redis.execute(raw: RESPCommand("PTTL", key)).integerValue ?? -2
        return left < 0 ? nil : left
    }

    /// The moment from which a script counts a run's time: when its call was made, or later on a machine so busy that the script
    /// took the call for one that was repeated for long.
    func beginning(_ text: String?, sourceLocation: SourceLocation = #_sourceLocation) throws -> Int64 {
        let moment = try #require(text.flatMap { Int64($0) }, sourceLocation: sourceLocation)
        #expect(moment == made || moment > made + 1_000, sourceLocation: sourceLocation)
        return moment
    }

    /// Expects that a command is gone from its stream and pending nowhere.
    func expectTaken(
        _ entry: StreamEntryID, from stream: InboundStream = .commands, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let key = keys.inbound(stream)
        #expect(try await redis.execute(XRANGE(key, from: entry, through: entry)).isEmpty, sourceLocation: sourceLocation)
        #expect(try await redis.execute(XPENDING(key, BusKeys.group, count: 9)).isEmpty, sourceLocation: sourceLocation)
    }

    /// The events on a stream; each has every field in order, and data that its type reads back without loss.
    func events(on stream: String? = nil, sourceLocation: SourceLocation = #_sourceLocation) async throws -> [EventEntry] {
        try await redis.execute(XRANGE(stream ?? keys.events)).map { entry in
            #expect(
                entry.fields.map { String(decoding: $0.name, as: UTF8.self) } == EventEntry.fields.map(\.rawValue),
                sourceLocation: sourceLocation)
            let event = EventEntry(entry.fields)
            let data = try #require(try event.data() as? any EventDataCoding, "\(event[.type]) is no type", sourceLocation: sourceLocation)
            let members = try JSONObject(event[.data]).members.map(\.name)
            #expect(try JSONObject(data.json).members.map(\.name) == members, sourceLocation: sourceLocation)
            let again = try #require(try EventCatalog.data(of: data.type, data.json), sourceLocation: sourceLocation)
            #expect(AnyHashable(again) == AnyHashable(data), sourceLocation: sourceLocation)
            return event
        }
    }

    /// The one event on a stream, with data of that type.
    func event<Data: EventDataCoding>(
        _ type: Data.Type, on stream: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> (event: EventEntry, data: Data) {
        let events = try await events(on: stream, sourceLocation: sourceLocation)
        #expect(events.count == 1, sourceLocation: sourceLocation)
        let event = try #require(events.first, sourceLocation: sourceLocation)
        return (event, try #require(try event.data() as? Data, "\(event[.type])", sourceLocation: sourceLocation))
    }
}

extension ScriptTable {
    /// Texts as users may choose them for what events carry: of quotes, slashes, backslashes, letters of other alphabets, controls.
    static let awkward = "a\"b/c\\d é€😀 \n\t\u{1}\u{2}\u{1f}\u{7f}\u{2028}</x>"
}
