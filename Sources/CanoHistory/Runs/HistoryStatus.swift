#if SQLite
    public import CanoBus

    /// How far a run is, as far as its history is known.
    public enum HistoryStatus: String, Sendable, Hashable, CaseIterable {
        /// As in its record: see `RunStatus`.
        case scheduled, running, waiting, completed, failed, cancelled
        /// It was not over when it was last heard of, and its record is gone: what became of it is not known.
        case lost

        /// The status that a record or an event tells.
        public init(_ status: RunStatus) {
            self =
                switch status {
                case .scheduled: .scheduled
                case .running: .running
                case .waiting: .waiting
                case .completed: .completed
                case .failed: .failed
                case .cancelled: .cancelled
                }
        }

        /// Whether nothing more is to come of it, unless it is resumed.
        public var isOver: Bool {
            switch self {
            case .scheduled, .running, .waiting: false
            case .completed, .failed, .cancelled, .lost: true
            }
        }

        /// What stands for it in the file. A number is never given another meaning.
        var code: Int64 {
            switch self {
            case .scheduled: 0
            case .running: 1
            case .waiting: 2
            case .completed: 3
            case .failed: 4
            case .cancelled: 5
            case .lost: 6
            }
        }

        /// The status that a number in the file stands for; nil for one of a later release.
        init?(code: Int64) {
            guard let status = Self.allCases.first(where: { $0.code == code }) else { return nil }
            self = status
        }
    }
#endif
