/// How far the attempts at a state, or at one branch of a split, are: what goes on after a pause, a wait, or in another process.
struct PartProgress: Sendable, Equatable, Codable {
    /// How many attempts have failed.
    var failures: Int {
        get { failed ?? 0 }
        set { failed = newValue == 0 ? nil : newValue }
    }
    /// Left out of rows that say nothing of failures, of which there may be a million.
    private var failed: Int?
    /// What the last of them failed with.
    var failure: StoredFailure?
    /// How many attempts there are at most, where what was asked for last allows fewer than the task.
    var attempts: Int?
    /// When the next attempt is due, in milliseconds since 1970, as all moments here; `nil` while none is awaited.
    var nextAttempt: Int64?
    /// When the attempt began that waits. Only an attempt with a timeout has to know.
    var began: Int64?
    /// What the attempt waits for, or has waited for.
    var wait: OpenWait?
    /// What the task wants to know when it is woken.
    var note: [UInt8]?
    /// The signals that ended the wait, when the task has them and has not come to an end.
    var arrived: [ReceivedSignal]?
    /// What a branch has written before it began to wait. It joins the run with the split.
    var writes: [StoredWrite]?
    /// What the row of a branch says of its split.
    var split: SplitOutline?
    /// What the row says of all branches, in place of theirs.
    var branches: GatheredBranches?
    /// Set when what is waited for was handed out with the row.
    private var handedOut: Bool?
    /// Whether a host has handed out the work that is waited for.
    var isHandedOut: Bool {
        get { handedOut ?? false }
        set { handedOut = newValue ? true : nil }
    }
    /// What a worker was asked for, as JSON text, while it is not known what became of that: kept for undoing it.
    private var asked: String?
    /// Set when it was asked before, too, and it is not known what became of that.
    private var unsettled: Bool?
    /// The steps that a rollback could not undo, while a worker undoes another.
    var left: [LeftStep]?
    /// When the time of a rollback is over, while a worker undoes a step.
    var rollbackEnd: Int64?
    /// The work that is waited for and not begun, or that is done in this process. No row says so: what a host was given it has.
    var request: WorkRequest?

    private enum CodingKeys: String, CodingKey {
        case failed = "failures"
        case failure, attempts, nextAttempt, began, wait, note, arrived, writes, split, branches, handedOut, asked, unsettled, left
        case rollbackEnd
    }

    init() {}

    /// Whether nothing is to be known.
    var isEmpty: Bool { self == PartProgress() }

    /// Nothing is waited for any more, and what was waited for has not come.
    mutating func endWait() { (wait, note, arrived, request, handedOut) = (nil, nil, nil, nil, nil) }

    /// A worker is asked for what may have to be undone.
    mutating func ask(for input: [UInt8]) {
        if asked != nil { unsettled = true }
        asked = String(decoding: input, as: UTF8.self)
    }

    /// What was asked for that may have been done.
    ///
    /// - Parameter isGiven: Whether what was asked for last may have been given to a worker.
    /// - Returns: It; `nil` when there is nothing.
    func inDoubt(isGiven: Bool) -> String? { isGiven || unsettled != nil ? asked : nil }

    /// The attempt has failed, and has left nothing to undo.
    mutating func settle() {
        if unsettled == nil { asked = nil }
    }

    /// The payload of a row.
    func encoded() throws(CanoError) -> [UInt8] { try Payload.encode(self) }

    /// Reads the payload of a row.
    ///
    /// - Throws: ``CanoError/Category/checkpointStore`` with the code `malformed_log`.
    init(_ row: CheckpointRow) throws(CanoError) {
        do {
            self = try Payload.decode(PartProgress.self, from: row.payload ?? [])
        } catch {
            throw CanoError(
                .checkpointStore, "the log cannot be resumed: row \(row.sequence) (\(row.kind.rawValue)) does not say how far its task was",
                code: "malformed_log", underlying: error)
        }
    }
}
