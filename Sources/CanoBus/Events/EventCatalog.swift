import CanoPrimitives

/// Every type of event, with the type of its data.
package enum EventCatalog {
    package static let all: [any EventDataCoding.Type] = [
        RunStarted.self, RunScheduled.self, RunResumed.self, RunWaiting.self, RunCompleted.self, RunFailed.self, RunCancelled.self,
        RunDuplicate.self, StateEntered.self, TaskEvent.self, TaskRetried.self, TaskFailed.self, TaskLate.self, ItemRetried.self,
        ItemFailed.self, CheckpointWritten.self, CompensationEvent.self, CompensationFailed.self, SignalTaken.self, CommandRejected.self,
        ScheduleSet.self, ScheduleRemoved.self, ScheduleSuperseded.self, ScheduleSkipped.self, SchedulePaused.self, ScheduleResumed.self,
        ScheduleRan.self,
    ]

    /// The type of the data of a type of event.
    package static func dataType(of type: EventType) -> (any EventDataCoding.Type)? { all.first { $0.types.contains(type) } }

    /// Reads the data of an event.
    ///
    /// - Returns: The data, or nil when no such type is known here.
    /// - Throws: ``BusError`` with the code `unreadableEvent` when it is not what its type says.
    package static func data(of type: EventType, _ json: String) throws(BusError) -> (any EventDataCoding)? {
        guard let dataType = dataType(of: type) else { return nil }
        do {
            return try dataType.init(type, try JSONObject(json))
        } catch {
            throw BusError(.unreadableEvent, "The data of an event of the type \(type.rawValue) is not what that says: \(error)")
        }
    }
}
