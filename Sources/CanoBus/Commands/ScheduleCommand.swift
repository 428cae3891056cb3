import CanoPrimitives

/// A command to start runs of a workflow again and again, or once.
package struct ScheduleCommand: BusCommand {
    package static let type = CommandType.schedule

    package static let definitions: [FieldDefinition] =
        [
            .required(.name, .name, "The schedule's name; one of the same name is replaced."),
            .required(.workflow, .name, "The workflow whose runs it starts."),
            .input, .attributes, .version,
            .optional(.cron, .text, "When it is due: an expression of five, six or seven fields, or such as `@daily`."),
            .optional(
                .interval, .milliseconds(least: BusLimits.shortestInterval.wholeMilliseconds),
                "When it is due: at once, and then every so many milliseconds, a century at most."),
            .optional(.at, .moment, "When it is due: once, in milliseconds since 1970, up to 2100."),
            .optional(.timeZone, .text, "Whose clock `cron` means; `UTC` where it is absent."),
            .optional(.jitter, .milliseconds(least: 0), "Each run begins later by a random time up to this; 0 where it is absent."),
            .optional(.catchUp, .words(ScheduleCatchUp.self), "What becomes of due times that were missed; `skip` where it is absent."),
            .optional(
                .overlap, .words(ScheduleOverlap.self), "What happens when it is due while its last run is not over; `skip` where absent."),
            .optional(.replyTo, .name, "The answer to the command, and then the end of every run, go to the stream `P:replies:<name>`."),
        ] + TraceContext.definitions

    package static let choices = [FieldChoice(of: .cron, .interval, .at, isRequired: true)]

    /// The schedule's name; one of the same name is replaced.
    package let name: String
    package let workflow: String
    /// The one version that may run it; nil leaves it to the bridge.
    package let version: String?
    /// JSON text; not yet known to be JSON.
    package let input: String
    /// What its runs can be found by.
    package let attributes: RunAttributes
    /// Where the command's answer goes, and then the end of every run.
    package let replyName: String?
    package let due: Due
    /// The zone whose clock `cron` means, as it was sent; nil for UTC.
    package let timeZone: String?
    /// In milliseconds.
    package let jitter: Int64
    package let catchUp: ScheduleCatchUp
    package let overlap: ScheduleOverlap
    package let trace: TraceContext

    /// When it is due: one of the three.
    package enum Due: Sendable, Hashable {
        /// An expression, which may not be one.
        case cron(String)
        /// Every so many milliseconds.
        case every(Int64)
        /// Once, at that moment: milliseconds since 1970.
        case at(Int64)
    }

    package init(
        _ name: String, of workflow: String, due: Due, version: String? = nil, input: String = "null", attributes: RunAttributes = .empty,
        replyName: String? = nil,
        timeZone: String? = nil, jitter: Int64 = 0, catchUp: ScheduleCatchUp = .skip, overlap: ScheduleOverlap = .skip,
        trace: TraceContext = TraceContext()
    ) {
        self.name = name
        self.workflow = workflow
        self.version = version
        self.input = input
        self.attributes = attributes
        self.replyName = replyName
        self.due = due
        self.timeZone = timeZone
        self.jitter = jitter
        self.catchUp = catchUp
        self.overlap = overlap
        self.trace = trace
    }

    package var values: [(Field, String?)] {
        [(.name, name), (.workflow, workflow)] + due.values + [
            (.timeZone, timeZone), (.input, input == "null" ? nil : input), (.attributes, attributes.field), (.version, version),
            (.jitter, jitter == 0 ? nil : String(jitter)), (.catchUp, catchUp == .skip ? nil : catchUp.rawValue),
            (.overlap, overlap == .skip ? nil : overlap.rawValue), (.replyTo, replyName),
        ] + trace.values
    }

    /// This command, refused for that reason.
    package func refused(_ code: RejectionCode, _ message: String) -> Rejection {
        Rejection(
            code, message, of: Rejection.Addressee(workflow: workflow, replyName: replyName, traceparent: trace.parent))
    }

    /// This command, whose schedule would never be due.
    package var neverDue: Rejection {
        switch due {
        case .at(let moment):
            refused(.expired, "\(Timestamp.text(moment)) has passed. To make up for a moment that has passed, say catch_up once.")
        case .cron(let expression): refused(.invalidField, "cron is never due again: nothing is to come of \"\(expression)\".")
        case .every: refused(.invalidField, "every_ms is never due.")
        }
    }
}

extension ScheduleCommand.Due {
    /// The fields that say it; two of the three have no value.
    package var values: [(Field, String?)] {
        var (cron, interval, moment): (String?, String?, String?)
        switch self {
        case .cron(let expression): cron = expression
        case .every(let milliseconds): interval = String(milliseconds)
        case .at(let milliseconds): moment = String(milliseconds)
        }
        return [(.cron, cron), (.interval, interval), (.at, moment)]
    }
}
