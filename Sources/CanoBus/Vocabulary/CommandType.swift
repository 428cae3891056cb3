/// The types of commands.
package enum CommandType: String, Sendable, Hashable, CaseIterable {
    case start, cancel, resume, schedule, unschedule

    /// What the type of a CloudEvent begins with, before one of these.
    package static let cloudEventPrefix = "cano.run."

    /// Whether it is about a schedule, and so about no run.
    package var isAboutSchedule: Bool { self == .schedule || self == .unschedule }

    /// Whether it needs a free slot.
    package var needsSlot: Bool { self == .start || self == .resume }
}

/// The streams that commands come in on.
package enum InboundStream: String, Sendable, Hashable, CaseIterable {
    /// Read while a slot is free.
    case commands
    /// Read always.
    case control
}
