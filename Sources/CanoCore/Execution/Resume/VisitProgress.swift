/// How far a visit got, as far as its log says.
@usableFromInline struct VisitProgress: Sendable, Equatable {
    /// The encoded cursor of a stepped or stream task.
    @usableFromInline var cursor: [UInt8]?
    /// The row that holds it.
    @usableFromInline var cursorSequence: Int?
    /// How far the attempts are: those at the state's own task, and at each branch of a split. Parts of which nothing is known are not in it.
    var parts: [Part: PartProgress] = [:]
    /// The visit whose step is being undone, when that is what the attempts are at.
    var undoing: Int?
    /// The branches that have ended, in the order of their rows.
    private(set) var ended: [EndedBranch] = []

    /// A branch that has ended, and the payload of the row that says how.
    struct EndedBranch: Sendable, Equatable {
        let index: Int
        let payload: [UInt8]
    }

    /// What attempts are made at.
    enum Part: Hashable, Sendable {
        case task
        case branch(Int)

        init(_ branch: Int?) { self = branch.map { .branch($0) } ?? .task }

        var branch: Int? { if case .branch(let index) = self { index } else { nil } }
    }

    @usableFromInline init(cursor: [UInt8]? = nil, cursorSequence: Int? = nil) {
        self.cursor = cursor
        self.cursorSequence = cursorSequence
    }

    /// Nothing is known yet of undoing the step of that visit.
    init(undoing visit: Int) { undoing = visit }

    /// Whether the attempts are not to begin from the beginning.
    @usableFromInline var hasParts: Bool { !parts.isEmpty }

    /// Whether the visit is that of a split whose branches are not to begin from the beginning.
    var hasBranches: Bool { hasParts || !ended.isEmpty }

    /// Forgets all of it. Most visits have nothing to forget, and finding that out takes less than forgetting.
    mutating func clear() {
        if cursor == nil, parts.isEmpty, ended.isEmpty, undoing == nil { return }
        self = VisitProgress()
    }

    /// A branch has ended.
    mutating func end(_ branch: Int, as payload: [UInt8]) {
        parts[.branch(branch)] = nil
        ended.removeAll { $0.index == branch }
        ended.append(EndedBranch(index: branch, payload: payload))
    }

    /// A step was refused: what was claimed in stores that runs share may be another run's, so the branches run again that did.
    mutating func forgetClaims() {
        ended.removeAll { branch in (try? BranchEnd(payload: branch.payload, of: branch.index))?.claimsShared ?? true }
    }

    subscript(part: Part) -> PartProgress {
        get { parts[part] ?? PartProgress() }
        set { parts[part] = newValue.isEmpty ? nil : newValue }
    }
}
