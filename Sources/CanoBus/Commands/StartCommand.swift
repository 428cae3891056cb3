import CanoPrimitives

/// A command to start a run.
package struct StartCommand: BusCommand {
    package static let type = CommandType.start

    package static let definitions: [FieldDefinition] =
        [
            .required(.workflow, .name, "The workflow to run."),
            .optional(.id, .runName, "The run id; the id of the command's entry where it is absent."),
            .input, .attributes, .version, .replyTo,
            .optional(.expiresAt, .moment, "From then on it is rejected as expired and no longer started, in milliseconds since 1970."),
            .optional(.notBefore, .moment, "It is not started before this moment, in milliseconds since 1970."),
            .optional(.delay, .milliseconds(least: 0), "It is not started before so many milliseconds after it was published."),
            .optional(.timeout, .milliseconds(least: 1), "How long the run may take, in milliseconds from its start on."),
            .optional(.schedule, .text, "The schedule that this start is a firing of."),
            .optional(.parent, .runName, "The run whose child this is. Only bridges start children."),
            .optional(.root, .runName, "The run from which that one comes, or itself."),
        ] + TraceContext.definitions

    package static let choices = [FieldChoice(of: .notBefore, .delay, isRequired: false)]

    /// The run id.
    package let run: String
    package let workflow: String
    /// The one version that may run it; nil leaves it to the bridge.
    package let version: String?
    /// JSON text as it was sent; `null` when the command had none. Not yet known to be JSON.
    package let input: String
    /// What the run can be found by.
    package let attributes: RunAttributes
    package let replyName: String?
    /// Not started at or after this moment, in milliseconds since 1970.
    package let expiresAt: Int64?
    /// Not to be started earlier.
    package let start: StartTime?
    /// How long the run may take once it has started, in milliseconds.
    package let timeout: Int64?
    /// The schedule it says that it is a firing of.
    package let schedule: String?
    package let trace: TraceContext

    /// When a start that is not to happen at once is to happen.
    package enum StartTime: Sendable, Hashable {
        /// Milliseconds since 1970.
        case at(Int64)
        /// Milliseconds after it was published.
        case after(Int64)
    }

    package init(
        _ workflow: String, run: String, version: String? = nil, input: String = "null", attributes: RunAttributes = .empty,
        replyName: String? = nil, expiresAt: Int64? = nil, start: StartTime? = nil, timeout: Int64? = nil, schedule: String? = nil,
        trace: TraceContext = TraceContext()
    ) {
        self.run = run
        self.workflow = workflow
        self.version = version
        self.input = input
        self.attributes = attributes
        self.replyName = replyName
        self.expiresAt = expiresAt
        self.start = start
        self.timeout = timeout
        self.schedule = schedule
        self.trace = trace
    }

    package var values: [(Field, String?)] {
        var (moment, delay): (Int64?, Int64?)
        switch start {
        case .at(let milliseconds): moment = milliseconds
        case .after(let milliseconds): delay = milliseconds
        case nil: break
        }
        return [
            (.workflow, workflow), (.id, run), (.input, input == "null" ? nil : input), (.attributes, attributes.field),
            (.version, version),
            (.replyTo, replyName),
            (.expiresAt, expiresAt.map(String.init)), (.notBefore, moment.map(String.init)), (.delay, delay.map(String.init)),
            (.timeout, timeout.map(String.init)), (.schedule, schedule), (.parent, child?.parent), (.root, child?.root),
        ] + trace.values
    }

    /// Whose child the run is; nil of one that is none.
    package var child: ChildName? { ChildName(run) }

    /// When the run is not to start before, given when the command was published; both in milliseconds since 1970.
    package func notBefore(published: Int64) -> Int64? {
        switch start {
        case .at(let moment): moment
        case .after(let delay): published + delay
        case nil: nil
        }
    }

    /// This command, to be published again: a delay has become the moment that it meant.
    package func withStartTime(published: Int64) -> StartCommand {
        StartCommand(
            workflow, run: run, version: version, input: input, attributes: attributes, replyName: replyName, expiresAt: expiresAt,
            start: notBefore(published: published).map { .at($0) }, timeout: timeout, schedule: schedule, trace: trace)
    }

    // MARK: Why it may be rejected

    package var addressee: Rejection.Addressee {
        Rejection.Addressee(run: run, workflow: workflow, replyName: replyName, traceparent: trace.parent, input: input)
    }

    /// The schedule, if there is one of that name, whose firings alone may have this run id; nil when any start may.
    package var reservingSchedule: String? {
        guard let name = RunName.schedule(of: run) else { return nil }
        return Name.isValid(name) && schedule != name ? name : nil
    }

    /// This command, whose run id belongs to a schedule.
    package func reserved(for schedule: String) -> Rejection {
        Rejection(
            .invalidField, "id begins with \"\(schedule)@\", as only the runs of the schedule \"\(schedule)\" do: choose another.",
            of: addressee, isStart: true)
    }

    /// This command, on a bus of several shards, without an id.
    package var unnamedOnShards: Rejection {
        Rejection(
            .missingField, "id is missing: on a bus of several shards the id of a run says which one it is on. Choose one.", of: addressee,
            isStart: true)
    }

    /// This command, taken too late.
    package func expired(at moment: Int64) -> Rejection {
        refused(.expired, "The command expired at \(Timestamp.text(moment)), before it was taken.")
    }

    /// This command, refused for a reason that is looked at only when its run is not known yet.
    package func refused(_ code: RejectionCode, _ message: String) -> Rejection {
        Rejection(code, message, of: addressee, yieldsToKnownRun: true, isStart: true)
    }
}
