import CanoBus
import CanoPrimitives
public import CanoRedis

/// Many runs at once, as ``runs(_:after:count:)`` lists them.
extension BusClient {
    /// Asks for runs to be cancelled, in one write; see ``cancel(_:reason:replyName:)``. It returns once Redis has the commands.
    ///
    /// - Parameters:
    ///   - runs: The runs' ids: some thousands at most.
    ///   - reason: Why, in up to 1 KiB; `requested` when `nil`.
    /// - Returns: The runs of which it is not known that Redis has the command, with the reason. It does no harm to ask again.
    /// - Throws: `BusError` with the code `invalidName`, before anything is sent; `RedisError` when nothing was.
    public func cancel(_ runs: [String], reason: String? = nil) async throws -> [String: RedisError] {
        for run in runs { try Self.require(run: run) }
        return try await publish(about: runs, isIdempotent: true) { [reason] run in
            CancelCommand(run: run, reason: reason ?? CancelCommand.defaultReason, replyName: nil, trace: .current)
        }
    }

    /// Lets failed runs go on that their records call resumable, in one write; see ``resume(_:replyName:)``. It returns once Redis has the
    /// commands.
    ///
    /// - Parameter runs: The runs' ids: some thousands at most.
    /// - Returns: The runs of which it is not known that Redis has the command, with the reason. Look at their records before you ask again:
    ///   a run that goes on already has a second command rejected.
    /// - Throws: `BusError` with the code `invalidName`, before anything is sent; `RedisError` when nothing was.
    public func resume(_ runs: [String]) async throws -> [String: RedisError] {
        for run in runs { try Self.require(run: run) }
        return try await publish(about: runs, isIdempotent: false) { ResumeCommand(run: $0, replyName: nil, trace: .current) }
    }

    /// Gives a command to all runs that a filter means, page by page: however many they are, a page of them is in memory. It ends early where
    /// Redis takes nothing of a page any more: what is left stays as it is.
    ///
    /// - Parameters:
    ///   - filter: Which runs are meant; nil for none.
    ///   - told: Told after each page how many were asked.
    ///   - send: Publishes the command to these runs; the runs of which it is not known whether Redis has it.
    /// - Returns: What became of it.
    /// - Throws: What ``runs(_:after:count:)`` throws; what sending throws.
    package func ask(
        _ filter: RunFilter?, told: (Int) -> Void = { _ in }, by send: ([String]) async throws -> [String: RedisError]
    ) async throws -> BulkOutcome {
        var outcome = BulkOutcome()
        guard let filter else { return outcome }
        var cursor: RunCursor?
        repeat {
            let page = try await runs(filter, after: cursor, count: Self.page)
            if !page.runs.isEmpty {
                guard try await ask(page.runs.map(\.id), by: send, &outcome) else { break }
                told(outcome.asked)
            }
            cursor = page.next
        } while cursor != nil
        return outcome
    }

    /// Gives a command to runs that are named. See ``ask(_:told:by:)-(RunFilter?,_,_)``.
    package func ask(_ runs: [String], by send: ([String]) async throws -> [String: RedisError]) async throws -> BulkOutcome {
        var (outcome, rest) = (BulkOutcome(), runs[...])
        while !rest.isEmpty {
            let part = Array(rest.prefix(Self.page))
            rest = rest.dropFirst(part.count)
            guard try await ask(part, by: send, &outcome) else { break }
        }
        return outcome
    }

    /// How many runs are asked in one write.
    private static let page = 500

    /// Asks runs in one write; whether Redis has taken any of it.
    private func ask(
        _ runs: [String], by send: ([String]) async throws -> [String: RedisError], _ outcome: inout BulkOutcome
    ) async throws -> Bool {
        let failed = try await send(runs)
        outcome.asked += runs.count - failed.count
        outcome.failures.merge(failed) { first, _ in first }
        return failed.count < runs.count
    }

    /// Publishes a command about each run on its shard, in one write to each shard.
    ///
    /// - Returns: The runs of which it is not known that Redis has the command.
    /// - Throws: `RedisError` when no shard was sent anything.
    private func publish<Command: BusCommand>(
        about runs: [String], isIdempotent: Bool, _ command: @escaping @Sendable (String) -> Command
    ) async throws -> [String: RedisError] {
        let places = try await sharedOut(runs)
        let outcomes = try await places.mapConcurrently { shard, runs -> Result<[String: RedisError], RedisError> in
            do {
                let results = try await self.clients[shard].ask { try await $0.publish(runs.map(command), isIdempotent: isIdempotent) }
                return .success(Self.failures(of: runs, results))
            } catch let error as RedisError {
                return .failure(error)
            }
        }
        var (failures, isAnySent): ([String: RedisError], Bool) = ([:], false)
        for ((_, runs), outcome) in zip(places, outcomes) {
            switch outcome {
            case .success(let some):
                failures.merge(some) { first, _ in first }
                isAnySent = true
            case .failure(let error): for run in runs { failures[run] = error }
            }
        }
        if !isAnySent, let error = failures.values.first { throw error }
        return failures
    }

    private static func failures(of runs: [String], _ results: [Result<StreamEntryID, RedisError>]) -> [String: RedisError] {
        var failures: [String: RedisError] = [:]
        for (run, result) in zip(runs, results) {
            if case .failure(let error) = result { failures[run] = error }
        }
        return failures
    }
}
