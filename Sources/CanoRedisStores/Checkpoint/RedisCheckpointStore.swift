public import CanoCore
import CanoPrimitives
public import CanoRedis
public import Logging
public import ServiceLifecycle
import Synchronization

/// Keeps the logs of runs in Redis, each run driven once at a time, in one process.
///
/// For runs without a bridge. Give it to a `WorkflowRuntime` and run it as a service beside the client.
///
/// **Who has a run.** The first row of a new run makes it this store's, and so does reading a log in order to resume the run.
/// A lease says for how long: ``run()`` renews it while the run is driven, every row does, and the engine gives the run back
/// when it fails or waits. Reading or beginning a run that somebody else has a lease on, or that is driven in this process
/// already, is refused with a `CanoError` of the code `run_owned`. When a process dies its runs can be resumed by another once
/// their leases are over.
///
/// **A process that was taken for dead** and comes back can do nothing to such a run: each script compares the owner and the
/// epoch, which grows by one with every owner, with those of the run. It is told by `Relinquished`. Nor does it begin another
/// attempt, branch or compensation while it doesn't know whether its lease has ended. What was under way may have run at the
/// same time as the new owner's tasks, though; what it does outside is theirs to make harmless, with
/// `TaskContext.idempotencyKey`.
///
/// **Keys.** A run is one hash, `<prefix>:checkpoint:<run id>`: `owner`, `epoch`, `lease`, and a field for each row. So each
/// run lies whole in one slot of a cluster. Nothing else is kept, and nothing of a run that has ended in an exit state.
///
/// What Redis loses, a second of writes at a power cut with `appendfsync everysec`, a run does again.
public final class RedisCheckpointStore: CheckpointStore, Service {
    /// What every key begins with.
    public let prefix: String
    /// How long a run stays this store's after its last row or renewal.
    public let lease: Duration

    let client: RedisClient
    let clock: any EngineClock
    let logger: Logger
    /// No other store, in this process or another, has the same.
    private let owner = "\(RunID.random())"
    let held = Mutex(HeldRuns())

    /// Creates a store; nothing is sent.
    ///
    /// - Parameters:
    ///   - client: A client that is running.
    ///   - prefix: What every key begins with.
    ///   - lease: How long a run stays this store's after its last row or renewal. A renewal comes every third of it.
    ///   - clock: Says when a lease may have ended.
    ///   - logger: Is told of runs that were lost.
    public init(
        _ client: RedisClient, prefix: String = "cano", lease: Duration = .seconds(15), clock: any EngineClock = SystemClock(),
        logger: Logger = Logger(label: "cano")
    ) {
        self.client = client
        self.prefix = prefix
        self.lease = lease
        self.clock = clock
        self.logger = logger
    }

    /// Renews the leases of the runs this store has, until the task is cancelled or told to shut down gracefully. The runs
    /// it still has then are anybody's once their leases are over.
    ///
    /// Renewals are sent from the client's own thread, so tasks that keep every processor busy do not hold them up.
    public func run() async {
        let renewals = client.every(lease / 3) { [self] in renew() }
        // Nothing ever comes; the stream ends with the task or the shutdown.
        for await _ in AsyncStream<Never>.makeStream().stream.cancelOnGracefulShutdown() {}
        renewals.cancel()
    }

    // MARK: Logs

    /// Adds a row, by the drive that has the run and nobody else; the first one of a new run makes the run this store's.
    ///
    /// - Throws: `Relinquished` when the run is somebody else's, `CanoError` of category `checkpointStore` when there is another
    ///   row of that sequence or, with the code `run_owned`, somebody else is beginning the run or another drive of this process
    ///   has it; ``RedisError`` when Redis is away.
    public func append(_ row: CheckpointRow, to run: RunID) async throws {
        let bytes = try StoredRow(row).encoded()
        let sentAt = clock.now
        switch held.withLock({ $0.claim(of: row, to: run) }) {
        case .held(let epoch):
            try await append(row, bytes, run, epoch)
            held.withLock { $0.wrote(row, to: run, in: epoch, until: sentAt.advanced(by: lease)) }
        case .unheld:
            // Only a run that begins has no owner yet.
            guard row.sequence == 0 else { throw Relinquished(reason: .ownershipLost) }
            let epoch = try await begin(row, bytes, run)
            held.withLock { $0.took(run, epoch: epoch, until: sentAt.advanced(by: lease), for: .known(row.writer)) }
        case .lost:
            throw Relinquished(reason: .ownershipLost)
        case .driven:
            throw Self.drivenHere(run)
        }
        // The answer may have taken longer than the lease, and what is behind the row begins with it.
        guard await isStillOwner(of: run) else { throw Relinquished(reason: .ownershipLost) }
    }

    private func append(_ row: CheckpointRow, _ bytes: [UInt8], _ run: RunID, _ epoch: String) async throws {
        var call = call(CheckpointScript.append, run, epoch)
        call.append(lease.wholeMilliseconds)
        call.append(row.sequence)
        call.append(bytes: bytes)
        call.append(row.replaces.map { String($0) } ?? "")
        switch try await answer(call, of: run).string {
        case "ok": return
        case "taken": throw CanoError(conflicting: row, of: run)
        default: throw lost(run, epoch)
        }
    }

    private func begin(_ row: CheckpointRow, _ bytes: [UInt8], _ run: RunID) async throws -> String {
        var call = call(CheckpointScript.begin, run, nil)
        call.append(lease.wholeMilliseconds)
        call.append(row.sequence)
        call.append(bytes: bytes)
        let reply = try await answer(call, of: run).arrayValue ?? []
        switch reply.first?.string {
        case "ok": return try Self.epoch(reply.dropFirst().first)
        case "leased": throw Self.owned(run, by: reply.dropFirst().first)
        default: throw CanoError(conflicting: row, of: run)
        }
    }

    /// The log of a run, by ascending sequence, which makes the run this store's until it ends, or ``release(_:)``; empty, and
    /// nobody's, when it is unknown.
    ///
    /// - Throws: `CanoError` of category `checkpointStore`: with the code `run_owned` while somebody else has a lease on it or it
    ///   is driven in this process, `unknown_kind` or `malformed_log` for a row that cannot be read; ``RedisError`` when Redis is
    ///   away.
    public func rows(of run: RunID) async throws -> [CheckpointRow] {
        guard held.withLock({ $0.beginTaking(run) }) else { throw Self.drivenHere(run) }
        defer { held.withLock { $0.endTaking(run) } }
        var call = call(CheckpointScript.acquire, run, nil)
        call.append(lease.wholeMilliseconds)
        let sentAt = clock.now
        let reply = try await answer(call, of: run).arrayValue ?? []
        switch reply.first?.string {
        case "none": return []
        case "leased": throw Self.owned(run, by: reply.dropFirst().first)
        default: break
        }
        guard reply.count == 3, let fields = reply[2].arrayValue else { throw Self.unexpected() }
        let epoch = try Self.epoch(reply[1])
        held.withLock { $0.took(run, epoch: epoch, until: sentAt.advanced(by: lease), for: .unknown) }
        do {
            let rows = try Self.rows(in: fields, of: run)
            guard await isStillOwner(of: run) else { throw Self.owned(run, by: nil) }
            return rows
        } catch {
            // Nobody here can do anything with it; perhaps another release can.
            await release(run)
            throw error
        }
    }

    private static func rows(in fields: [RESPValue], of run: RunID) throws -> [CheckpointRow] {
        var rows: [CheckpointRow] = []
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            guard let name = fields[index].string, !["owner", "epoch", "lease"].contains(name) else { continue }
            rows.append(try StoredRow.decode(fields[index + 1].bytes ?? [], of: run))
        }
        return rows.sorted { $0.sequence < $1.sequence }
    }

    /// Removes the log of a run that is this store's, or nobody's; an unknown run is fine.
    ///
    /// - Throws: `Relinquished` when the run is somebody else's; ``RedisError`` when Redis is away: the run is
    ///   then renewed no more, so that the log can be removed by anybody once its lease is over.
    public func clear(_ run: RunID) async throws {
        let holding = held.withLock { $0.remove(run) }
        if let holding, holding.isLost { throw Relinquished(reason: .ownershipLost) }
        let reply = try await answer(call(CheckpointScript.clear, run, holding?.epoch ?? ""), of: run)
        guard reply.string == "ok" else { throw Relinquished(reason: .ownershipLost) }
    }

    /// Gives a run back, so that anybody may resume it at once. When Redis is away, or this process dies before, they may once
    /// its lease is over.
    public func release(_ run: RunID) async {
        guard let holding = held.withLock({ $0.remove(run) }), !holding.isLost else { return }
        do {
            _ = try await client.evaluate(call(CheckpointScript.release, run, holding.epoch))
        } catch {
            logger.debug("a run could not be given back; its lease will end", metadata: ["run": "\(run)", "error": "\(error)"])
        }
    }

    // MARK: Scripts

    func call(_ script: RedisScript, _ run: RunID, _ epoch: String?) -> RedisScriptCall {
        var call = RedisScriptCall(script, keys: ["\(prefix):checkpoint:\(run)"])
        call.append(owner)
        if let epoch { call.append(epoch) }
        return call
    }

    private func answer(_ call: RedisScriptCall, of run: RunID) async throws -> RESPValue {
        do {
            return try await client.evaluate(call)
        } catch {
            if case .clientShutDown = error.code { throw Relinquished(reason: .handBack) }
            guard !error.isPassing, error.serverError != nil else { throw error }
            throw CanoError(
                .checkpointStore, "Redis refused to keep the log of run \"\(run)\": \(error.message)", isRetryable: false,
                underlying: error)
        }
    }

    private static func owned(_ run: RunID, by owner: RESPValue?) -> CanoError {
        CanoError(
            .checkpointStore,
            "run \"\(run)\" belongs to another process (\(owner?.string ?? "?")): it can be taken over when that one has ended and its lease is over",
            code: "run_owned", isRetryable: false)
    }

    private static func drivenHere(_ run: RunID) -> CanoError {
        CanoError(
            .checkpointStore,
            "run \"\(run)\" is driven in this process already: it can be resumed when that has ended, and whoever only reads its log releases it then",
            code: "run_owned", isRetryable: false)
    }

    private static func epoch(_ value: RESPValue?) throws(RedisError) -> String {
        guard let epoch = value?.string else { throw unexpected() }
        return epoch
    }

    private static func unexpected() -> RedisError {
        RedisError(.unexpectedReply, "a script of the checkpoint store answered something else")
    }
}
