/// What the log of a run holds, as far as the run goes on from there.
///
/// Knows no states: what is generic over them costs several times as much. And it is one pointer, for a driver is moved about, and most runs
/// have nothing to keep here.
@usableFromInline struct LogPosition: Sendable {
    /// A visit that has no row yet, and how far the one before it got: until there is one, that is where the log is. Indirect, for few runs
    /// need the room.
    private indirect enum VisitWithoutRow: Sendable {
        case at(AnyRunAnchor, after: VisitProgress)
    }

    private struct Content: Sendable {
        var rows = LogRows()
        var signature = RowSignature()
        var unanswered: [CheckpointRow] = []
        var progress = VisitProgress()
        var withoutRow: VisitWithoutRow?
        var taken: [ReceivedSignal] = []
        var anchor: AnyRunAnchor?
        var visited: AnyRunAnchor?
        var visit = 0

        mutating func place(_ row: inout CheckpointRow, isLimited: Bool) -> String? {
            rows.place(&row)
            if isLimited, let problem = rows.problem(with: row) { return problem }
            signature.sign(&row)
            return nil
        }

        mutating func wrote(_ row: borrowing CheckpointRow) {
            rows.wrote(row)
            if !taken.isEmpty { taken = [] }
        }

        mutating func reached(_ anchor: AnyRunAnchor, in visit: Int) {
            self.anchor = anchor
            self.visit = visit
            progress.clear()
            if withoutRow != nil { withoutRow = nil }
        }
    }

    /// Empty as long as there is nothing to keep. An array of one element is copied only when it is changed and held elsewhere too.
    private var kept: [Content] = []

    @usableFromInline init() {}

    /// What comes first is kept from now on.
    private mutating func begin() {
        if kept.isEmpty { kept.append(Content()) }
    }

    /// The rows it holds.
    var rows: LogRows { kept.isEmpty ? LogRows() : kept[0].rows }

    /// The number of the next row.
    var nextSequence: Int { kept.isEmpty ? 0 : kept[0].rows.sequence }

    /// What makes rows those of this execution.
    var signature: RowSignature { kept.isEmpty ? RowSignature() : kept[0].signature }

    /// Whether there are rows that the log was away for when the run was stopped. They may have arrived, so the next one follows them.
    var hasUnanswered: Bool { !kept.isEmpty && !kept[0].unanswered.isEmpty }

    /// How far the visit got.
    var progress: VisitProgress {
        get { kept.isEmpty ? VisitProgress() : kept[0].progress }
        _modify {
            begin()
            yield &kept[0].progress
        }
    }

    /// Whether the attempts of the visit are not to begin from the beginning.
    @usableFromInline var hasParts: Bool { !kept.isEmpty && kept[0].progress.hasParts }

    /// The signals that have ended waits and led to no row yet.
    var taken: [ReceivedSignal] {
        get { kept.isEmpty ? [] : kept[0].taken }
        set {
            begin()
            kept[0].taken = newValue
        }
    }

    /// What the last row says is to be done; `nil` before there is a row.
    var anchor: AnyRunAnchor? { kept.isEmpty ? nil : kept[0].anchor }

    /// The node of a visit that may wait.
    var visited: AnyRunAnchor? {
        get { kept.isEmpty ? nil : kept[0].visited }
        set {
            if newValue != nil { begin() }
            if !kept.isEmpty { kept[0].visited = newValue }
        }
    }

    /// The number of the last visit.
    var visit: Int { kept.isEmpty ? 0 : kept[0].visit }

    /// Gives a row its place behind the others, and signs it. From then on it is to be written before any other.
    ///
    /// - Parameters:
    ///   - row: The row.
    ///   - isLimited: Whether a full log refuses it. It is not signed then.
    /// - Returns: Why there is no room for it; `nil` when there is.
    mutating func place(_ row: inout CheckpointRow, isLimited: Bool) -> String? {
        begin()
        return kept[0].place(&row, isLimited: isLimited)
    }

    /// A row was written, or read from a log in its turn. The signals that have led to it have done so.
    mutating func wrote(_ row: borrowing CheckpointRow) {
        begin()
        kept[0].wrote(row)
    }

    /// The first row of the visit's branches, when one row is to take the place of all; see ``LogRows/firstToGather()``.
    mutating func firstToGather() -> Int? { kept.isEmpty ? nil : kept[0].rows.firstToGather() }

    /// A row says that a visit has begun, or chosen what follows it.
    mutating func reached(_ anchor: AnyRunAnchor, in visit: Int) {
        begin()
        kept[0].reached(anchor, in: visit)
    }

    /// A visit has begun of which the row of its wait will be the first.
    ///
    /// - Parameter anchor: The node whose task runs again once there is one.
    @usableFromInline mutating func entersWithoutRow(_ anchor: AnyRunAnchor) {
        begin()
        kept[0].withoutRow = .at(anchor, after: kept[0].progress)
        kept[0].progress.clear()
    }

    /// Whether the visit has no row yet.
    var isWithoutRow: Bool { !kept.isEmpty && kept[0].withoutRow != nil }

    /// A row of the visit was written, which may be its first one.
    mutating func wroteRow(of visit: Int) {
        guard !kept.isEmpty, case .at(let anchor, _)? = kept[0].withoutRow else { return }
        kept[0].anchor = anchor
        kept[0].visit = visit
        kept[0].withoutRow = nil
    }

    /// The visit is over, and no row says so.
    mutating func forgetProgress() {
        if !kept.isEmpty { kept[0].progress.clear() }
    }

    /// The step of that visit is undone. What is known of undoing another one is forgotten.
    mutating func undoes(_ visit: Int) {
        begin()
        if kept[0].progress.undoing != visit { kept[0].progress = VisitProgress(undoing: visit) }
    }

    /// The step before is done again.
    mutating func returnToAnchor() {
        guard !kept.isEmpty else { return }
        if case .at(_, let before)? = kept[0].withoutRow { kept[0].progress = before }
        kept[0].withoutRow = nil
        kept[0].progress.forgetClaims()
    }

    /// Rows were given up on before their append was answered. What was to be handed out with one is not needed any more.
    mutating func leftUnanswered(_ rows: [CheckpointRow]) {
        begin()
        for var row in rows {
            row.request = nil
            kept[0].unanswered.append(row)
        }
    }

    /// The last row holds the cursor.
    mutating func keep(cursor bytes: [UInt8]) {
        begin()
        kept[0].progress.cursor = bytes
        kept[0].progress.cursorSequence = kept[0].rows.sequence - 1
    }

    /// The rows that have to be appended before any other.
    mutating func takeUnanswered() -> [CheckpointRow] {
        guard !kept.isEmpty else { return [] }
        defer { kept[0].unanswered = [] }
        return kept[0].unanswered
    }

    /// The run goes on from a log.
    mutating func resumed(at point: ResumePoint) {
        begin()
        kept[0].rows = point.rows
        kept[0].progress = point.progress
    }
}
