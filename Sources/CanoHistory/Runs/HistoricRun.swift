#if SQLite
    public import CanoBus

    /// A run as its history tells it: from its events, and from its record where some of those were missed.
    ///
    /// Moments are milliseconds since 1970, on the clock of Redis as bridges know it.
    public struct HistoricRun: Sendable, Hashable {
        /// What it is called. Ids are free again once records are gone, so an old run may have the id of a newer one; their ``number``s differ.
        public let id: String
        /// Which it is of all runs in the file: one that was taken later has a larger number.
        public let number: Int64
        /// What runs it.
        public let workflow: String
        /// When its command was taken.
        public internal(set) var created: Int64
        /// Which version of the workflow; nil of a run that has not begun and may begin in any, and where it was missed.
        public internal(set) var version: String?
        /// How far it is.
        public internal(set) var status: HistoryStatus
        /// The state it is in, or ended in; empty before it has begun. Where a bridge publishes less than states, the one it began in until its end.
        public internal(set) var state = ""
        /// When it began; nil before it has.
        public internal(set) var started: Int64?
        /// When it ended; of a lost one, when it was last heard of. Nil until then.
        public internal(set) var finished: Int64?
        /// When it was last heard of.
        public internal(set) var updated: Int64
        /// Why it failed, for programs; nil of a run that has not.
        public internal(set) var errorCode: String?
        /// Why it failed, for people.
        public internal(set) var errorMessage: String?
        /// What became of the steps that can be undone; nil of a run that has not failed and was not cancelled.
        public internal(set) var rollback: RollbackResult?
        /// Whether it can be resumed, for as long as its record is kept.
        public internal(set) var isResumable = false
        /// What it can be found by, as JSON text; nil where it has none.
        public internal(set) var attributesJSON: String?
        /// The run whose child it is; nil of one that is none.
        public internal(set) var parent: String?
        /// The run from which that one comes, or itself; nil of one that is no child.
        public internal(set) var root: String?
        /// How many attempts at tasks have failed and were followed by another.
        public internal(set) var retries = 0
        /// How often it has changed hands: 0 while it is scheduled, 1 at its start.
        public internal(set) var epoch: Int
        /// The bridge that was last heard of it.
        public internal(set) var bridge: String
        /// Since when it waits; nil when it doesn't.
        public internal(set) var waitingSince: Int64?
        /// When it goes on although nothing came; nil when it doesn't wait, or that is never.
        public internal(set) var wakeAt: Int64?
        /// The names of the signals it waits for, separated by spaces; nil when it doesn't wait, empty when it waits for time alone.
        public internal(set) var awaited: String?
        /// How many events it has written, as far as is known.
        public internal(set) var events = 0
        /// How many of them were missed: they are not in its timeline.
        public internal(set) var missingEvents = 0
        /// When it entered the state it is in; nil where that was missed, and when it is over.
        var entered: Int64?
        /// The number of the shard that it is on.
        var shard = 0
        /// Whether its record is to be asked for what was missed.
        var isDoubtful = false
        /// The trace context of its start, which all its events have; empty where it has none.
        var traceparent = ""

        init(id: String, number: Int64, workflow: String, status: HistoryStatus, created: Int64, epoch: Int, bridge: String) {
            self.id = id
            self.number = number
            self.workflow = workflow
            self.status = status
            self.created = created
            updated = created
            self.epoch = epoch
            self.bridge = bridge
        }

        /// What it can be found by; empty where that can't be read.
        public var attributes: RunAttributes {
            guard let attributesJSON else { return .empty }
            do { return try RunAttributes(json: attributesJSON) } catch { return .empty }
        }
    }
#endif
