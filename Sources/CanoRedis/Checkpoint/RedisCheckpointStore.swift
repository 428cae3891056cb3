public import CanoCore
public import Logging
import NIOCore
public import ServiceLifecycle
import Synchronization

/// Keeps the logs of runs in Redis, each run driven by one process at a time.
///
/// For runs without a bridge. Give it to a `WorkflowRuntime` and run it as a service beside the client.
///
/// **Who has a run.** The first row of a new run makes it this store's, and so does reading a log in order to resume the run.
/// A lease says for how long: ``run()`` renews it while the run is driven, every row does, and the engine gives the run back
/// when it fails or waits. Reading or beginning a run that somebody else has a lease on is refused with a `CanoError`
/// of the code `run_owned`. When a process dies its runs can be resumed by another once their leases are over.
///
/// **A process that was taken for dead** and comes back can do nothing to such a run: each script compares the owner and the
/// epoch, which grows by one with every owner, with those of the run. It is told by `Relinquished`. Its tasks may
/// have run at the same time as those of the new owner, though; what they do outside is theirs to make harmless, with
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

    private let client: RedisClient
    private let logger: Logger
    /// No other store, in this process or another, has the same.
    private let owner = "\(RunID.random())"
    /// The runs this store has, with their epochs.
    private let held = Mutex<[RunID: String]>([:])

    /// Creates a store; nothing is sent.
    ///
    /// - Parameters:
    ///   - client: A client that is running.
    ///   - prefix: What every key begins with.
    ///   - lease: How long a run stays this store's after its last row or renewal. A renewal comes every third of it.
    ///   - logger: Is told of runs that were lost.
    public init(
        _ client: RedisClient, prefix: String = "cano", lease: Duration = .seconds(15), logger: Logger = Logger(label: "cano")
    ) {
        self.client = client
        self.prefix = prefix
        self.lease = lease
        self.logger = logger
    }

    /// Renews the leases of the runs this store has, until the task is cancelled or told to shut down gracefully. The runs
    /// it still has then are anybody's once their leases are over.
    ///
    /// Renewals are sent from the client's event loop, so tasks that keep every processor busy do not hold them up.
    public func run() async {
        let renewals = client.eventLoop.scheduleRepeatedTask(
            initialDelay: TimeAmount(lease / 3), delay: TimeAmount(lease / 3)
        ) { [self] _ in renew() }
        // Nothing ever comes; the stream ends with the task or the shutdown.
        for await _ in AsyncStream<Never>.makeStream().stream.cancelOnGracefulShutdown() {}
        renewals.cancel()
    }

    // MARK: Logs

    /// Adds a row, by the owner of the run and nobody else; the first one of a new run makes the run this store's.
    ///
    /// - Throws: `Relinquished` when the run is somebody else's, `CanoError` of category
    ///   `checkpointStore` when there is another row of that sequence or, with the code `run_owned`, somebody else is
    ///   beginning the run; ``RedisError`` when Redis is away.
    public func append(_ row: CheckpointRow, to run: RunID) async throws {
        let bytes = try StoredRow(row).encoded()
        guard let epoch = held.withLock({ $0[run] }) else {
            // Only a run that begins has no owner yet.
            guard row.sequence == 0 else { throw Relinquished(reason: .ownershipLost) }
            return try await begin(row, bytes, run)
        }
        var call = call(CheckpointScript.append, run, epoch)
        call.append(lease.wholeMilliseconds)
        call.append(row.sequence)
        call.append(bytes: bytes)
        call.append(row.replaces.map { String($0) } ?? "")
        switch try await answer(call, of: run).string {
        case "ok": return
        case "taken": throw Self.conflict(row, run)
        default: throw lost(run, epoch)
        }
    }

    private func begin(_ row: CheckpointRow, _ bytes: [UInt8], _ run: RunID) async throws {
        var call = call(CheckpointScript.begin, run, nil)
        call.append(lease.wholeMilliseconds)
        call.append(row.sequence)
        call.append(bytes: bytes)
        let reply = try await answer(call, of: run).arrayValue ?? []
        switch reply.first?.string {
        case "ok": try hold(run, epoch: reply.dropFirst().first)
        case "leased": throw Self.owned(run, by: reply.dropFirst().first)
        default: throw Self.conflict(row, run)
        }
    }

    /// The log of a run, by ascending sequence, which makes the run this store's; empty, and nobody's, when it is unknown.
    ///
    /// - Throws: `CanoError` of category `checkpointStore`: with the code `run_owned` while somebody else has a
    ///   lease on it, `unknown_kind` or `malformed_log` for a row that cannot be read; ``RedisError`` when Redis is away.
    public func rows(of run: RunID) async throws -> [CheckpointRow] {
        var call = call(CheckpointScript.acquire, run, nil)
        call.append(lease.wholeMilliseconds)
        let reply = try await answer(call, of: run).arrayValue ?? []
        switch reply.first?.string {
        case "none": return []
        case "leased": throw Self.owned(run, by: reply.dropFirst().first)
        default: break
        }
        guard reply.count == 3, let fields = reply[2].arrayValue else { throw Self.unexpected() }
        try hold(run, epoch: reply[1])
        do {
            return try Self.rows(in: fields, of: run)
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
        let epoch = held.withLock { $0.removeValue(forKey: run) }
        let reply = try await answer(call(CheckpointScript.clear, run, epoch ?? ""), of: run)
        guard reply.string == "ok" else { throw Relinquished(reason: .ownershipLost) }
    }

    /// Gives a run back, so that anybody may resume it at once. When Redis is away, or this process dies before, they may once
    /// its lease is over.
    public func release(_ run: RunID) async {
        guard let epoch = held.withLock({ $0.removeValue(forKey: run) }) else { return }
        do {
            _ = try await client.evaluate(call(CheckpointScript.release, run, epoch))
        } catch {
            logger.debug("a run could not be given back; its lease will end", metadata: ["run": "\(run)", "error": "\(error)"])
        }
    }

    // MARK: Leases

    /// Renews all leases, without waiting for the answers.
    func renew() {
        for (run, epoch) in held.withLock({ $0 }) {
            var call = call(CheckpointScript.renew, run, epoch)
            call.append(lease.wholeMilliseconds)
            client.evaluate(call) { [self] result in
                // Whatever went wrong, the next renewal or row tries again.
                guard case .success(let reply) = result, reply.string == "lost" else { return }
                _ = lost(run, epoch)
            }
        }
    }

    /// Whether the run is this store's, as far as it knows.
    func has(_ run: RunID) -> Bool { held.withLock { $0[run] != nil } }

    private func hold(_ run: RunID, epoch: RESPValue?) throws {
        guard let epoch = epoch?.string else { throw Self.unexpected() }
        held.withLock { $0[run] = epoch }
    }

    /// Forgets a run that somebody else has now.
    private func lost(_ run: RunID, _ epoch: String) -> Relinquished {
        let isNews = held.withLock { held in
            guard held[run] == epoch else { return false }
            held[run] = nil
            return true
        }
        if isNews { logger.warning("a run was taken over by somebody else", metadata: ["run": "\(run)"]) }
        return Relinquished(reason: .ownershipLost)
    }

    // MARK: Scripts

    private func call(_ script: RedisScript, _ run: RunID, _ epoch: String?) -> RedisScriptCall {
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

    private static func conflict(_ row: CheckpointRow, _ run: RunID) -> CanoError {
        CanoError(
            .checkpointStore,
            "run \"\(run)\" already has another row \(row.sequence): resume the run or clear its log before starting it again",
            code: "conflict", isRetryable: false)
    }

    private static func owned(_ run: RunID, by owner: RESPValue?) -> CanoError {
        CanoError(
            .checkpointStore,
            "run \"\(run)\" belongs to another process (\(owner?.string ?? "?")): it can be taken over when that one has ended and its lease is over",
            code: "run_owned", isRetryable: false)
    }

    private static func unexpected() -> RedisError {
        RedisError(.unexpectedReply, "a script of the checkpoint store answered something else")
    }
}
