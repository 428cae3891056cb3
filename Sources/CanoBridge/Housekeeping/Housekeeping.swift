import CanoBus
import CanoPrimitives
import CanoRedis

/// What keeps the bus in bounds, done by every bridge at its heartbeats.
struct Housekeeping: Sendable {
    let bus: Bus
    /// How long a consumer has had nothing to do before it is forgotten.
    var timeout: Duration = .seconds(3_600)

    /// Trims the streams that no reader consumes and removes what bridges that are gone have left.
    ///
    /// Each part is done whether or not the server refuses another, as it does where a key holds something else.
    ///
    /// - Throws: ``RedisError``: the first refusal, once all is done; at once when the server can't be reached.
    func run() async throws(RedisError) {
        var refusal: RedisError?
        for part in Part.allCases {
            do {
                try await tidy(part)
            } catch {
                guard error.serverError != nil else { throw error }
                refusal = refusal ?? error
            }
        }
        if let refusal { throw refusal }
    }

    private enum Part: CaseIterable {
        case events, deadLetters, commandConsumers, controlConsumers, resultConsumers, workflows, bridges, orphans, queues
    }

    private func tidy(_ part: Part) async throws(RedisError) {
        switch part {
        case .events: try await trimEvents()
        case .deadLetters: try await trimDeadLetters()
        case .commandConsumers: try await removeConsumers(of: bus.keys.commands)
        case .controlConsumers: try await removeConsumers(of: bus.keys.control)
        case .resultConsumers: try await removeConsumers(of: bus.keys.results)
        case .workflows: try await removeMembers(of: bus.keys.workflows, until: bus.clock.now)
        case .bridges: try await forgetSilentBridges()
        case .orphans: try await expireSignals()
        case .queues: try await tidyQueues()
        }
    }

    /// How long a bridge has said nothing before it is forgotten, in milliseconds: a few leases, for those of others may be longer.
    private static func silence(_ limits: BusLimits) -> Int64 { (limits.lease * 4).wholeMilliseconds }

    private func forgetSilentBridges() async throws(RedisError) {
        let said = try await bus.redis.execute(HGETALL(bus.keys.durability)).map { String(decoding: $0.field, as: UTF8.self) }
        try await removeMembers(of: bus.keys.bridges, until: bus.clock.now - Self.silence(bus.limits))
        guard !said.isEmpty else { return }
        let listed = try await bus.redis.execute(ZRANGEBYSCORE(bus.keys.bridges, from: -.infinity, through: .infinity))
        // One that has said it, and is not listed afterwards, is gone; or it comes just now, and says it again with the next that it writes.
        let gone = Set(said).subtracting(listed.map { String(decoding: $0.member, as: UTF8.self) })
        if !gone.isEmpty { _ = try await bus.redis.execute(HDEL(bus.keys.durability, gone.sorted())) }
    }

    private func trimEvents() async throws(RedisError) {
        let limits = bus.limits
        try await trim(
            bus.keys.events, olderThan: min(limits.eventRetention, limits.retention), length: limits.eventLength, bytes: limits.eventBytes)
    }

    private func trimDeadLetters() async throws(RedisError) {
        let limits = bus.limits
        try await trim(
            bus.keys.deadLetters, olderThan: limits.deadLetterRetention, length: limits.deadLetterLength, bytes: limits.deadLetterBytes)
    }

    private func trim(_ stream: String, olderThan retention: Duration, length: Int, bytes: Int) async throws(RedisError) {
        let oldest = max(0, bus.clock.now - retention.wholeMilliseconds)
        try await trim(stream, to: .minimumID(StreamEntryID(milliseconds: UInt64(oldest), sequence: 0)))
        try await trim(stream, to: .maximumLength(length))
        try await trim(stream, toBytes: bytes)
    }

    /// Drops as large a part of the entries, the oldest ones, as the stream is too large by; again where those that are left are longer.
    private func trim(_ stream: String, toBytes limit: Int) async throws(RedisError) {
        while let bytes = try await bus.redis.execute(MEMORY.USAGE(stream)), bytes > limit {
            let pending = try await bus.redis.execute(XINFO.GROUPS(stream)).reduce(0) { $0 + $1.pending }
            let taken = bytes - pending * Self.toldOfOnePending
            guard taken > limit else { return }
            let length = try await bus.redis.execute(XLEN(stream))
            try await trim(stream, to: .maximumLength(Int(Double(length) * Double(limit) / Double(taken))))
            // A server that may keep some more drops whole nodes: none is left to be dropped.
            guard try await bus.redis.execute(XLEN(stream)) < length else { return }
        }
    }

    /// What `MEMORY USAGE` counts for an entry that a reader's group has pending, several times what that takes. No event may go because a
    /// reader acknowledges none.
    private static let toldOfOnePending = 600

    /// Trims in short calls, one after the other, until the stream is within its bound: however fast it grows, it is there after this.
    ///
    /// A server that may keep some more drops whole nodes, up to a number of entries a call, so the last call drops fewer.
    private func trim(_ stream: String, to bound: XTRIM.Bound) async throws(RedisError) {
        while try await bus.redis.execute(XTRIM(stream, to: bound, limit: Self.trimmedAtOnce)) > Self.trimmedAtOnce / 2 {}
    }

    /// Some two milliseconds of the server's time.
    private static let trimmedAtOnce = 10_000

    /// Gives up signals whose run has not come for as long as they were to be kept.
    private func expireSignals() async throws(RedisError) {
        let due = ZRANGEBYSCORE(bus.keys.orphans, from: 0, through: Double(bus.clock.now), offset: 0, count: Self.orphansAtOnce)
        while true {
            let runs = try await bus.redis.execute(due)
            for run in runs {
                _ = try await bus.redis.evaluate(ExpireSignals(bus: bus, run: String(decoding: run.member, as: UTF8.self)).encoded)
            }
            guard runs.count == Self.orphansAtOnce else { return }
        }
    }

    private static let orphansAtOnce = 100

    /// Forgets the workers that are gone, and lets tasks in that are held back although their queue has room.
    private func tidyQueues() async throws(RedisError) {
        for listed in try await bus.redis.execute(ZRANGEBYSCORE(bus.keys.queues, from: -.infinity, through: .infinity)) {
            let queue = String(decoding: listed.member, as: UTF8.self)
            try await removeConsumers(of: bus.keys.tasks(on: queue), in: BusKeys.workers)
            guard try await bus.redis.execute(XLEN(bus.keys.heldTasks(on: queue))) > 0 else { continue }
            let call = AdmitTasks(keys: bus.keys, queue: queue)
            while try call.answer(try await bus.redis.evaluate(call.encoded)) > 0 {}
        }
    }

    private func removeConsumers(of stream: String, in group: String = BusKeys.group) async throws(RedisError) {
        for consumer in try await consumers(of: stream, in: group)
        where consumer.pending == 0 && consumer.idle >= timeout {
            _ = try await bus.redis.evaluate(RemoveConsumer(stream: stream, group: group, consumer: consumer.name, idle: timeout).encoded)
        }
    }

    private func consumers(of stream: String, in group: String) async throws(RedisError) -> [StreamConsumer] {
        do throws(RedisError) {
            return try await bus.redis.execute(XINFO.CONSUMERS(stream, group))
        } catch {
            guard error.saysNoStream else { throw error }
            return []
        }
    }

    private func removeMembers(of key: String, until moment: Int64) async throws(RedisError) {
        _ = try await bus.redis.execute(ZREMRANGEBYSCORE(key, from: -.infinity, through: Double(moment)))
    }
}
