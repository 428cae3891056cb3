import CanoPrimitives

/// A start command whose fields all keep their rules.
struct StartCommand: Sendable, Hashable {
    /// The run id: the command's own, or the id of its entry.
    let run: String
    let workflow: String
    /// The one version that may run it; nil leaves it to the bridge.
    let version: String?
    /// JSON text as it was sent; `null` when the command had none. Not yet known to be JSON.
    let input: String
    let replyName: String?
    /// Not started at or after this moment, in milliseconds since 1970.
    let expiresAt: Int64?
    /// Not to be started earlier.
    let start: StartTime?
    /// How long the run may take once it has started, in milliseconds.
    let timeout: Int64?
    /// The schedule it says that it is a firing of.
    var schedule: String?
    let trace: TraceContext

    /// When a start that is not to happen at once is to happen.
    enum StartTime: Sendable, Hashable {
        /// Milliseconds since 1970.
        case at(Int64)
        /// Milliseconds after it was published.
        case after(Int64)
    }

    /// When the run is not to start before, given when the command was published; both in milliseconds since 1970.
    func notBefore(published: Int64) -> Int64? {
        switch start {
        case .at(let moment): moment
        case .after(let delay): published + delay
        case nil: nil
        }
    }

    var addressee: Rejection.Addressee {
        Rejection.Addressee(run: run, workflow: workflow, replyName: replyName, traceparent: trace.parent, input: input)
    }

    /// The schedule, if there is one of that name, whose firings alone may have this run id; nil when anybody may.
    var reservingSchedule: String? {
        guard let at = run.firstIndex(of: "@") else { return nil }
        let name = String(run[..<at])
        return BusName.isValid(name) && schedule != name ? name : nil
    }

    /// This command, whose run id belongs to a schedule.
    func reserved(for schedule: String) -> Rejection {
        Rejection(
            code: .invalidField,
            message: "id begins with \"\(schedule)@\", as only the runs of the schedule \"\(schedule)\" do: choose another.",
            yieldsToKnownRun: false, addressee: addressee)
    }

    func expired(at moment: Int64) -> Rejection {
        refused(.expired, "The command expired at \(Timestamp.text(moment)), before it was taken.")
    }

    /// This command, refused for a reason that is looked at only when its run is not known yet.
    func refused(_ code: RejectionCode, _ message: String) -> Rejection {
        Rejection(code: code, message: message, yieldsToKnownRun: true, addressee: addressee)
    }
}
