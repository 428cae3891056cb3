public import CanoCore
import CanoPrimitives
public import CanoRedis
public import Logging
public import ServiceLifecycle
import Synchronization

/// Keeps the logs of runs in Redis, each run executed once at a time, in one process.
///
/// For runs without a bridge. Give it to a `WorkflowRuntime` and run it as a service beside the client.
///
/// **Who has a run.** The first row of a new run makes it this store's, and so does reading a log in order to resume the run.
/// A lease says for how long: ``run()`` renews it while the run is executed, every row does, and the engine gives the run back
/// when it fails or waits. Reading or beginning a run that another owner has a lease on, or that is executed in this process
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
    let owner = "\(RunID.random())"
    let runs = Mutex(OwnedRuns())

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
    /// it still has then can be acquired by any store once their leases are over.
    ///
    /// Renewals are sent from the client's own thread, so tasks that keep every processor busy do not hold them up.
    public func run() async {
        let renewals = client.every(lease / 3) { [self] in renew() }
        // Nothing ever comes; the stream ends with the task or the shutdown.
        for await _ in AsyncStream<Never>.makeStream().stream.cancelOnGracefulShutdown() {}
        renewals.cancel()
    }

    // MARK: Logs

    /// Adds a row, by the execution that has the run; the first row of a new run makes the run this store's.
    ///
    /// - Throws: `Relinquished` when another owner has the run, `CanoError` of category `checkpointStore` when there is another
    ///   row of that sequence or, with the code `run_owned`, another owner is beginning the run or another execution in this
    ///   process has it; `RedisError` when Redis is away.
    public func append(_ row: CheckpointRow, to run: RunID) async throws {
        let text = RowCodec.encode(row)
        let sentAt = clock.now
        switch runs.withLock({ $0.permission(for: row, of: run) }) {
        case .owner(let fence):
            try await append(row, text, run, fence)
            runs.withLock { $0.recordedRow(row, of: run, behind: fence, until: sentAt.advanced(by: lease)) }
        case .unowned:
            // Only a run that begins has no owner yet.
            guard row.sequence == 0 else { throw Relinquished(reason: .ownershipLost) }
            let fence = try await begin(row, text, run)
            runs.withLock { $0.acquired(run, behind: fence, until: sentAt.advanced(by: lease), for: .known(row.writer)) }
        case .lost:
            throw Relinquished(reason: .ownershipLost)
        case .otherExecution:
            throw Self.executedHere(run)
        }
        // The answer may have taken longer than the lease, and what is behind the row begins with it.
        guard await isStillOwner(of: run) else { throw Relinquished(reason: .ownershipLost) }
    }

    private func append(_ row: CheckpointRow, _ text: String, _ run: RunID, _ fence: Fence) async throws {
        let call = AppendRow(
            run: key(of: run), fence: fence, lease: lease, sequence: row.sequence, row: text, replaced: row.replaces)
        switch try await send(call, for: run) {
        case .written, .again: return
        case .taken: throw CanoError(conflicting: row, of: run)
        case .lost: throw lost(run, fence)
        }
    }

    private func begin(_ row: CheckpointRow, _ text: String, _ run: RunID) async throws -> Fence {
        let call = BeginRun(run: key(of: run), owner: owner, lease: lease, sequence: row.sequence, row: text)
        switch try await send(call, for: run) {
        case .begun(let epoch): return Fence(owner: owner, epoch: epoch)
        case .leased(let owner): throw Self.owned(run, by: owner)
        case .taken: throw CanoError(conflicting: row, of: run)
        }
    }

    /// The log of a run, by ascending sequence, which makes the run this store's until it ends, or ``release(_:)``; empty, and
    /// owned by no store, when the run is unknown.
    ///
    /// - Throws: `CanoError` of category `checkpointStore`: with the code `run_owned` while another owner has a lease on it or it
    ///   is executed in this process, `unknown_kind` or `malformed_log` for a row that cannot be read; `RedisError` when Redis is
    ///   away.
    public func rows(of run: RunID) async throws -> [CheckpointRow] {
        guard runs.withLock({ $0.reserve(run) }) else { throw Self.executedHere(run) }
        defer { runs.withLock { $0.endReservation(of: run) } }
        let sentAt = clock.now
        switch try await send(AcquireRun(run: key(of: run), owner: owner, lease: lease), for: run) {
        case .unknown: return []
        case .leased(let owner): throw Self.owned(run, by: owner)
        case .acquired(let epoch, let fields):
            let fence = Fence(owner: owner, epoch: epoch)
            runs.withLock { $0.acquired(run, behind: fence, until: sentAt.advanced(by: lease), for: .unknown) }
            do {
                let rows = try Self.rows(in: fields, of: run)
                guard await isStillOwner(of: run) else { throw Self.owned(run, by: nil) }
                return rows
            } catch {
                // This process cannot go on with the run; another release may be able to.
                await release(run)
                throw error
            }
        }
    }

    private static func rows(in fields: [(field: RESPBytes, value: RESPBytes)], of run: RunID) throws -> [CheckpointRow] {
        try fields.filter { entry in !["owner", "epoch", "lease"].contains { entry.field.elementsEqual($0.utf8) } }
            .map { try RowCodec.decode($0.value, of: run) }
            .sorted { $0.sequence < $1.sequence }
    }

    /// Removes the log of a run that is this store's, or owned by no store; an unknown run is fine.
    ///
    /// - Throws: `Relinquished` when another owner has the run; `RedisError` when Redis is away: the run is
    ///   then renewed no more, so that any store can remove the log once its lease is over.
    public func clear(_ run: RunID) async throws {
        let entry = runs.withLock { $0.remove(run) }
        if let entry, entry.isLost { throw Relinquished(reason: .ownershipLost) }
        guard try await send(ClearRun(run: key(of: run), owner: owner, epoch: entry?.fence.epoch), for: run) == .cleared else {
            throw Relinquished(reason: .ownershipLost)
        }
    }

    /// Gives a run back, so that any store may resume it at once. When Redis is away, or this process dies before, one may once
    /// the run's lease is over.
    public func release(_ run: RunID) async {
        guard let entry = runs.withLock({ $0.remove(run) }), !entry.isLost else { return }
        do {
            _ = try await client.evaluate(ReleaseRun(run: key(of: run), fence: entry.fence).encoded)
        } catch {
            logger.debug("a run could not be given back; its lease will end", metadata: ["run": "\(run)", "error": "\(error)"])
        }
    }

    // MARK: Scripts

    func key(of run: RunID) -> String { "\(prefix):checkpoint:\(run)" }

    private func send<Call: ScriptCall>(_ call: Call, for run: RunID) async throws -> Call.Answer {
        let reply: RESPValue
        do {
            reply = try await client.evaluate(call.encoded)
        } catch {
            if case .clientShutDown = error.code { throw Relinquished(reason: .handBack) }
            guard !error.isPassing, error.serverError != nil else { throw error }
            throw CanoError(
                .checkpointStore, "Redis refused to keep the log of run \"\(run)\": \(error.message)", isRetryable: false,
                underlying: error)
        }
        return try call.answer(reply)
    }

    private static func owned(_ run: RunID, by owner: String?) -> CanoError {
        CanoError(
            .checkpointStore,
            "run \"\(run)\" belongs to another process (\(owner ?? "?")): it can be taken over when that one has ended and its lease is over",
            code: "run_owned", isRetryable: false)
    }

    private static func executedHere(_ run: RunID) -> CanoError {
        CanoError(
            .checkpointStore,
            "run \"\(run)\" is executed in this process already: it can be resumed when that has ended; a caller that only reads a log must release the run",
            code: "run_owned", isRetryable: false)
    }
}
