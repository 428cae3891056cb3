import CanoPrimitives

/// A command that tells a run something from outside.
package struct SignalCommand: BusCommand {
    package static let type = CommandType.signal

    package static let definitions: [FieldDefinition] =
        [
            .required(.id, .runName, "The run, which need not have started."),
            .required(.name, .name, "What the signal is called: what a step of the run waits for."),
            .optional(.data, .shortJSON(bytes: BusLimits.signalDataBytes), "What the run is told; `null` where it is absent."),
            .optional(.messageID, .messageID, "Of the signals to a run with the same one only the first counts."),
            .optional(
                .keep, .milliseconds(least: 1),
                "How long it is kept for a run that has not started, in milliseconds; an hour where it is absent."),
            .replyTo,
        ] + TraceContext.definitions

    package let run: String
    /// What the signal is called.
    package let name: String
    /// JSON text; `null` when the command had none.
    package let data: String
    package let messageID: String?
    /// How long it is kept for a run that has not started, in milliseconds; nil for as long as the bus says.
    package let keep: Int64?
    package let replyName: String?
    package let trace: TraceContext

    package init(
        _ name: String, run: String, data: String = "null", messageID: String? = nil, keep: Int64? = nil, replyName: String? = nil,
        trace: TraceContext = TraceContext()
    ) {
        self.run = run
        self.name = name
        self.data = data
        self.messageID = messageID
        self.keep = keep
        self.replyName = replyName
        self.trace = trace
    }

    package var values: [(Field, String?)] {
        [
            (.id, run), (.name, name), (.data, data == "null" ? nil : data), (.messageID, messageID), (.keep, keep.map(String.init)),
            (.replyTo, replyName),
        ] + trace.values
    }

    /// This command, to be published again: with a message id, so that it counts once.
    package func withMessageID(_ id: String) -> SignalCommand {
        SignalCommand(name, run: run, data: data, messageID: messageID ?? id, keep: keep, replyName: replyName, trace: trace)
    }

    /// How long it is kept for a run that has not started, in milliseconds.
    package func keep(_ limits: BusLimits) -> Int64 { keep ?? limits.signalKeep.wholeMilliseconds }

    /// This command, about a run that is over.
    package var runOver: Rejection { refused(.runOver, "The run \"\(run)\" is over, and no step of it reads another signal.") }

    /// This command, about a run that has as many signals as it may have.
    package var inboxFull: Rejection {
        refused(
            .inboxFull,
            """
            The run "\(run)" has \(BusLimits.unreadSignals) signals or \(BusLimits.inboxBytes) bytes of them that no step has consumed: send \
            this one again when some were.
            """)
    }

    /// Why a signal becomes a dead letter whose run did not start in time, with the code ``RejectionCode/unknownRun``.
    package static func unknownRun(_ run: String) -> String {
        "No run with the id \"\(run)\" has started for as long as the signal was to be kept."
    }

    private func refused(_ code: RejectionCode, _ message: String) -> Rejection {
        Rejection(code, message, of: Rejection.Addressee(run: run, replyName: replyName, traceparent: trace.parent))
    }
}
