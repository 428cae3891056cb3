public import CanoBus

/// Which of the listed runs are meant: those that all of its parts fit.
public struct RunFilter: Sendable, Hashable {
    /// The statuses; empty for all of ``listed``.
    public var statuses: Set<RunStatus>
    /// What runs them; nil for whatever does.
    public var workflow: String?
    /// In which version; nil for any.
    public var version: String?
    /// When they began.
    public var started = Period()
    /// When they ended.
    public var finished = Period()
    /// When they ended or, where they have not, began or, where they have not, are to begin: ``ListedRun/date``.
    public var dated = Period()
    /// Attributes that they have, each with a text that `RunAttribute.matches(_:)`.
    public var attributes: [String: String]
    /// Whether they can be resumed; nil for both.
    public var isResumable: Bool?

    /// A time, from a moment on and before another; in milliseconds since 1970, on Redis' clock.
    public struct Period: Sendable, Hashable {
        /// The first moment that belongs to it; nil without one.
        public var from: Int64?
        /// The first that does not any more; nil without one.
        public var until: Int64?

        /// Creates a time; by default all of it.
        public init(from: Int64? = nil, until: Int64? = nil) {
            self.from = from
            self.until = until
        }

        /// Whether a moment belongs to it. What has none belongs only to all of time.
        public func contains(_ moment: Int64?) -> Bool {
            guard from != nil || until != nil else { return true }
            guard let moment else { return false }
            return moment >= from ?? .min && moment < until ?? .max
        }

        /// What belongs to both.
        func intersection(_ other: Period) -> Period {
            Period(from: [from, other.from].compactMap(\.self).max(), until: [until, other.until].compactMap(\.self).min())
        }
    }

    /// Creates a filter; by default all listed runs are meant.
    public init(_ statuses: Set<RunStatus> = [], workflow: String? = nil, version: String? = nil, attributes: [String: String] = [:]) {
        self.statuses = statuses
        self.workflow = workflow
        self.version = version
        self.attributes = attributes
    }

    /// The statuses of runs that Redis lists: those that are not over, those that failed, and the cancelled ones that could not be undone whole.
    public static let listed: Set<RunStatus> = [.failed, .cancelled, .running, .waiting, .scheduled]

    /// The statuses of runs that can be cancelled: those that are not over.
    public static let cancellable: Set<RunStatus> = [.running, .waiting, .scheduled]

    /// The statuses of runs that may be resumable.
    public static let resumable: Set<RunStatus> = [.failed, .cancelled]

    /// Those of the runs that can be cancelled; nil where there can't be any.
    package var ofCancellable: RunFilter? { narrowed(to: Self.cancellable) }

    /// Those of the runs that can be resumed; nil where there can't be any.
    package var ofResumable: RunFilter? {
        var filter = narrowed(to: Self.resumable)
        filter?.isResumable = true
        return filter
    }

    private func narrowed(to statuses: Set<RunStatus>) -> RunFilter? {
        var filter = self
        filter.statuses = meant.intersection(statuses)
        return filter.statuses.isEmpty ? nil : filter
    }

    /// The statuses that are meant.
    var meant: Set<RunStatus> { statuses.isEmpty ? Self.listed : statuses }

    /// When runs ended that are meant, as far as that can be told without their records.
    var ended: Period { finished.intersection(dated) }

    /// Whether a run is meant.
    public func matches(_ run: ListedRun) -> Bool {
        meant.contains(run.status) && (workflow == nil || workflow == run.workflow) && (version == nil || version == run.version)
            && (isResumable == nil || isResumable == run.isResumable)
            && started.contains(run.started) && finished.contains(run.finished) && dated.contains(run.date)
            && matches(run.attributes)
    }

    /// Whether a run with these attributes may be meant.
    func matches(_ attributes: RunAttributes) -> Bool {
        self.attributes.allSatisfy { name, text in attributes[name]?.matches(text) == true }
    }
}
