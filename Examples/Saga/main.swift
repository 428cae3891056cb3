import CanoCore

struct Trip: Codable, Sendable {
    let city: String
    let nights: Int
}

struct NoRoom: TerminalError, CodedError, CustomStringConvertible {
    let code = "no_room"
    let description = "the hotel has no room"
}

enum Booking: String, WorkflowState, CaseIterable {
    typealias Input = Trip
    typealias Output = String
    case flight, car, hotel, booked
}

// The key is the same for each attempt and after a crash, so an airline that has seen it books no second seat.
func call(_ what: String, key: String) -> String {
    print("\(what) [\(key)]")
    return what
}

// What a step answers is its receipt: what undoing it takes.
let booking = Workflow<Booking>("booking", startingAt: .flight) { state in
    switch state {
    case .flight:
        .sagaStep("flight", then: .car) { context in
            call("book a flight to \(context.input.city)", key: context.idempotencyKey)
        } undo: { context, receipt in
            _ = call("cancel: \(receipt)", key: context.idempotencyKey)
        }
    case .car:
        .sagaStep("car", then: .hotel) { context in
            call("rent a car in \(context.input.city)", key: context.idempotencyKey)
        } undo: { context, receipt in
            _ = call("cancel: \(receipt)", key: context.idempotencyKey)
        }
    case .hotel:
        .step(then: .booked) { context in
            guard context.input.nights <= 7 else { throw NoRoom() }
            return "\(context.input.nights) nights in \(context.input.city)"
        }
    case .booked: .exit(taking: String.self) { stay, _ in stay }
    }
}

for (run, trip) in [("short", Trip(city: "Lisbon", nights: 3)), ("long", Trip(city: "Oslo", nights: 30))] {
    do throws(CanoError) {
        print("booked: \(try await booking.run(trip, as: RunID(run)))")
    } catch {
        print("failed with \(error.code), rollback \(error.rollback.rawValue)")
    }
}
