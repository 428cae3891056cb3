import CanoBus
import CanoPrimitives
import CanoRedis
import Foundation

/// What one shard looks like.
extension ShardClient {
    /// Looks at it.
    ///
    /// - Parameter failedRuns: How many of the failed runs are looked at, the last ones.
    /// - Returns: What it looks like.
    /// - Throws: `RedisError`.
    func facts(lookingAt failedRuns: Int) async throws -> BusFacts {
        var facts = try await glance()
        (facts.unfinishedRuns, facts.hasMoreFailedRuns) = try await unfinishedRuns(among: failedRuns)
        facts.writing = try await ifAllowed { try await writing() }
        facts.rights = try await ifAllowed { try await rights() }
        return facts
    }

    /// What the bus looks like at a glance: what costs Redis little, however much there is.
    func glance() async throws -> BusFacts {
        var facts = BusFacts()
        facts.isHashTagged = keys.isHashTagged
        facts.now = try await redis.execute(TIME()) / 1_000
        facts.clockAhead = .milliseconds(Int64(Date().timeIntervalSince1970 * 1_000) - facts.now)
        facts.info = try await info()
        for listed in try await redis.execute(ZRANGEBYSCORE(keys.bridges, from: -.infinity, through: .infinity)) {
            facts.heartbeats[String(decoding: listed.member, as: UTF8.self)] = Int64(listed.score)
        }
        facts.inbound = try await [InboundStream.commands, .control, .results].mapConcurrently { try await self.inbound($0) }
        facts.workflows = try await workflows()
        facts.queues = try await taskQueues()
        let (events, oldest, newest) = try await redis.pipeline(
            XLEN(keys.events), XRANGE(keys.events, count: 1), XREVRANGE(keys.events, count: 1))
        facts.events = try events.get()
        facts.oldestEvent = try oldest.get().first.map { Int64(clamping: $0.id.milliseconds) }
        facts.newestEvent = try newest.get().first.map { Int64(clamping: $0.id.milliseconds) }
        facts.readers = try await groups(of: keys.events).map {
            BusFacts.Reader($0.name, lastDelivered: Int64(clamping: $0.lastDelivered.milliseconds), pending: $0.pending, lag: $0.lag)
        }
        let (failed, letters) = try await redis.pipeline(ZCARD(keys.failed), XLEN(keys.deadLetters))
        facts.failedRuns = try failed.get()
        facts.deadLetters = try letters.get()
        return facts
    }

    /// What is asked for; nil where the user may not ask.
    private func ifAllowed<Answer>(_ ask: () async throws -> Answer) async throws -> Answer? {
        do {
            return try await ask()
        } catch let error as RedisError where error.serverError?.code == "NOPERM" {
            return nil
        }
    }

    // MARK: What is kept

    /// How many of the last failed runs are kept for ever, and whether there are more than were looked at.
    private func unfinishedRuns(among looked: Int) async throws -> (count: Int, hasMore: Bool) {
        let listed = try await redis.execute(
            ZREVRANGEBYSCORE(keys.failed, from: .infinity, through: -.infinity, count: looked + 1)
        ).map { String(decoding: $0.member, as: UTF8.self) }
        var (count, rest) = (0, listed.prefix(looked))
        while !rest.isEmpty {
            let part = Array(rest.prefix(1_000))
            rest = rest.dropFirst(part.count)
            count += try await fields([Field.status, .rollback, .error].map(\.rawValue), ofRecords: part).count { values in
                guard let texts = values?.map({ $0.map { String(decoding: $0, as: UTF8.self) } }),
                    texts[0].flatMap({ RunStatus(rawValue: $0) })?.isOver == true
                else { return false }
                return texts[1] == RollbackResult.partial.rawValue || Self.isPoison(texts[2])
            }
        }
        return (count, listed.count > looked)
    }

    /// Whether a failure is that of a run that was quarantined. Reading all of one costs more than looking whether it may be.
    private static func isPoison(_ failure: String?) -> Bool {
        guard let failure, failure.utf8.contains(RunFailure.poison.utf8) else { return false }
        do { return try RunFailure(json: failure).category == RunFailure.poison } catch { return false }
    }

    /// How many of the newest events tell how runs end, and of how many runs of each kind the records are looked at.
    private static let sample = (events: 1_000, runs: 20)

    private func writing() async throws -> BusFacts.Writing {
        var writing = BusFacts.Writing()
        let (bytes, entries) = try await redis.pipeline(
            MEMORY.USAGE(keys.events), XREVRANGE(keys.events, count: Self.sample.events))
        writing.eventBytes = try bytes.get() ?? 0
        let events = try entries.get().map { EventEntry($0.fields) }
        writing.sampled = events.count
        let failed = events.filter { $0.type == .runFailed }.map(\.subject)
        let others = events.filter { $0.type == .runCompleted || $0.type == .runCancelled }.map(\.subject)
        (writing.failedEnds, writing.otherEnds) = (failed.count, others.count)
        let sampled = failed.prefix(Self.sample.runs) + others.prefix(Self.sample.runs)
        writing.kept = try await sampled.mapConcurrently { try await self.kept($0) }.compactMap(\.self)
        return writing
    }

    /// What a run that has ended takes; nil where it is gone, or goes on.
    private func kept(_ run: String) async throws -> BusFacts.Writing.Kept? {
        let (record, log, store) = try await redis.pipeline(
            MEMORY.USAGE(keys.record(of: run)), MEMORY.USAGE(keys.log(of: run)), MEMORY.USAGE(keys.runStore(of: run)))
        let (fields, left, time) = try await redis.pipeline(
            HMGET(keys.record(of: run), [Field.status, .finished].map(\.rawValue)), PTTL(keys.record(of: run)), TIME())
        let texts = try fields.get().map { $0.map { String(decoding: $0, as: UTF8.self) } }
        guard let status = texts[0].flatMap({ RunStatus(rawValue: $0) }), status.isOver, let finished = RunRecord.number(texts[1]),
            let bytes = try record.get()
        else { return nil }
        let age = try max(0, time.get() / 1_000 - finished)
        return BusFacts.Writing.Kept(
            hasFailed: status == .failed, bytes: try bytes + (log.get() ?? 0) + (store.get() ?? 0),
            time: try left.get().map { $0 + .milliseconds(age) })
    }

    // MARK: What the user may do

    private func rights() async throws -> BusFacts.Rights {
        let user = try await redis.execute(ACL.WHOAMI())
        return BusFacts.Rights(
            user: user, missingToBridges: try await missing(AccessRight.ofBridge(keys), to: user),
            missingToOperators: try await missing(AccessRight.ofOperator(keys), to: user))
    }

    /// The rules that a user lacks, one for each command that it may not call.
    private func missing(_ rights: [AccessRight], to user: String) async throws -> [String] {
        let refusals = try await redis.pipeline(rights.map { ACL.DRYRUN(user, $0.call) })
        return try zip(rights, refusals).compactMap { right, refusal in
            // In the words of every server there is: "… has no permissions to access the '…' key", and "… to run the '…' command".
            try refusal.get().map { right.rule(isAboutKeys: $0.contains("to access")) }
        }
    }

    /// What the server says about itself; nil where the user may not ask.
    private func info() async throws(RedisError) -> [String: String]? {
        do throws(RedisError) {
            return try await redis.execute(INFO())
        } catch {
            guard error.serverError?.code == "NOPERM" else { throw error }
            return nil
        }
    }

    private func inbound(_ stream: InboundStream) async throws -> BusFacts.Inbound {
        let key = keys.inbound(stream)
        let (length, oldest) = try await redis.pipeline(XLEN(key), XRANGE(key, count: 1))
        var longest: Duration?
        if try await groups(of: key).contains(where: { $0.name == BusKeys.group }) {
            longest = try await redis.execute(XPENDING(key, BusKeys.group, count: 100)).map(\.idle).max()
        }
        return BusFacts.Inbound(
            stream.rawValue, length: try length.get(), oldest: try oldest.get().first.map { Int64(clamping: $0.id.milliseconds) },
            longestPending: longest)
    }

    /// The groups of a stream; none where there is no stream.
    private func groups(of key: String) async throws(RedisError) -> [StreamGroup] {
        do throws(RedisError) {
            return try await redis.execute(XINFO.GROUPS(key))
        } catch {
            guard error.saysNoStream else { throw error }
            return []
        }
    }
}
