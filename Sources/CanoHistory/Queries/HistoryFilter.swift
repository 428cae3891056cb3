#if SQLite
    import CanoBus
    public import CanoClient

    /// Which runs of a history are meant: those that all of its parts fit.
    public struct HistoryFilter: Sendable, Hashable {
        /// How far they are; empty for all.
        public var statuses: Set<HistoryStatus>
        /// What runs them; nil for whatever does.
        public var workflow: String?
        /// In which version; nil for any.
        public var version: String?
        /// In which state they are, or ended; nil for any.
        public var state: String?
        /// Why they failed, as their error's code; nil for any reason, and none.
        public var errorCode: String?
        /// Attributes that they have, each with a text that `RunAttribute` matches.
        public var attributes: [String: String]
        /// Words that they have in their ids, their error messages, or the names and values of their attributes: all of them, in whichever case. What
        /// has other characters between letters and digits, such as `order-42`, is several words, one behind the other. Words are
        /// whole: `order` finds `order-42`, and `ord` does not. Without a letter or digit in it no run is meant; nil for any.
        public var text: String?
        /// When they began.
        public var started = RunFilter.Period()
        /// When they ended.
        public var finished = RunFilter.Period()

        /// Creates a filter; by default all runs are meant.
        public init(
            _ statuses: Set<HistoryStatus> = [], workflow: String? = nil, version: String? = nil, state: String? = nil,
            errorCode: String? = nil,
            attributes: [String: String] = [:], text: String? = nil
        ) {
            self.statuses = statuses
            self.workflow = workflow
            self.version = version
            self.state = state
            self.errorCode = errorCode
            self.attributes = attributes
            self.text = text
        }

        /// Whether a run is meant, as far as that can be told without an index of words.
        func matches(_ run: HistoricRun) -> Bool {
            (statuses.isEmpty || statuses.contains(run.status)) && (workflow == nil || workflow == run.workflow)
                && (version == nil || version == run.version) && (state == nil || state == run.state)
                && (errorCode == nil || errorCode == run.errorCode) && started.contains(run.started) && finished.contains(run.finished)
                && (attributes.isEmpty || run.has(attributes))
        }
    }

    extension HistoricRun {
        fileprivate func has(_ attributes: [String: String]) -> Bool {
            let own = self.attributes
            return attributes.allSatisfy { name, text in own[name]?.matches(text) == true }
        }
    }
#endif
