/// Where a stored log says a run is. Reads rows, runs nothing.
struct ResumePoint {
    /// What happens first when the run goes on.
    enum Continuation: Equatable {
        /// The visit of this state is unfinished: its task runs again, in the same visit.
        case inVisit(of: String)
        /// The visit is finished and its outcome known: this state is entered.
        case enter(String)
    }

    let continuation: Continuation
    /// The last row.
    let last: CheckpointRow
    /// What the unfinished visit's cursor was; a cursor never outlives its visit.
    let cursor: [UInt8]?
    /// The states entered so far.
    let entries: [CheckpointRow]
    /// The number of the next row.
    let nextSequence: Int

    /// Reads a log.
    ///
    /// - Parameters:
    ///   - rows: The whole log, in any order.
    ///   - version: The workflow's version; empty accepts every log.
    /// - Throws: ``CanoError/Category/checkpointStore`` for an empty log, ``CanoError/Category/workflowVersionMismatch`` when the
    ///   last row was written by another version.
    init(rows: [CheckpointRow], version: String) throws(CanoError) {
        let log = rows.sorted { $0.sequence < $1.sequence }
        guard let last = log.last else {
            throw CanoError(.checkpointStore, "there are no checkpoint rows to resume from", code: "no_rows")
        }
        guard version.isEmpty || last.version == version else {
            throw CanoError(
                .workflowVersionMismatch,
                "the log was written by version \"\(last.version)\" and this is version \"\(version)\": resume it with the version that wrote it"
            )
        }
        self.last = last
        nextSequence = last.sequence + 1
        entries = log.filter { $0.kind == .stateEntry }
        if last.kind == .compensationCompletion, let next = last.next {
            continuation = .enter(next)
            cursor = nil
        } else {
            continuation = .inVisit(of: last.state)
            cursor = log.last { $0.kind == .stepCursor && $0.visit == last.visit }?.payload
        }
    }
}
