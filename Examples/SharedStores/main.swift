import CanoCore

enum Ticketing: String, WorkflowState, CaseIterable {
    typealias Input = String
    typealias Output = Ticketing
    case reserve, seated, soldOut
}

extension StoreKey<Int> { static var sold: Self { "sold" } }

let ticketing = Workflow<Ticketing>("ticketing", startingAt: .reserve) { state in
    switch state {
    case .reserve:
        .task(leadsTo: [.seated, .soldOut]) { context in
            // What runs share has a name. Of two runs that find the same seat free, the first to commit gets it; the step of the other
            // is refused as a whole, runs again, and finds it taken.
            let seats = try context.store(named: "seats")
            for seat in ["1A", "1B"] where try await seats.putIfAbsent("\(context.runID)", for: StoreKey(seat)) {
                _ = try await seats.increment(.sold, by: 1)
                return .seated
            }
            return .soldOut
        }
    case .seated, .soldOut: .exit
    }
}

let stores = MemoryStores()
let runtime = WorkflowRuntime(stores: stores)

// Five buyers at the same time, two seats.
let buyers = ["ada", "bob", "cleo", "dan", "eve"].map { ticketing.start("", as: RunID($0), in: runtime) }
var ends: [Ticketing: Int] = [:]
for buyer in buyers { ends[try await buyer.output(), default: 0] += 1 }

let seats = try stores.store(named: "seats")
print("\(ends[.seated, default: 0]) are seated, \(ends[.soldOut, default: 0]) went home")
print("\(try await seats.get(.sold) ?? 0) seats are sold")
