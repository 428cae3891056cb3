import CanoCore

enum Trip: String, WorkflowState, CaseIterable {
    typealias Output = [String]
    case search, compare, chosen
}

struct Hotel: Sendable {
    let name: String
    let cents: Int?
}

struct FullyBooked: Error {}

let hotels = [
    Hotel(name: "Bristol", cents: 9_900), Hotel(name: "Adler", cents: nil), Hotel(name: "Krone", cents: 7_400),
    Hotel(name: "Post", cents: nil),
]

// Goes on once two have an offer; how many more there might have been does not matter.
let trip = Workflow<Trip>("trip", startingAt: .search) { state in
    switch state {
    case .search:
        .each("hotel", config: .minimal, join: JoinConfig(.partialResults(2)), then: .compare, of: { _ in hotels }) { hotel, _ in
            guard let cents = hotel.cents else { throw FullyBooked() }
            return "\(hotel.name) for \(cents / 100) euros"
        } reduce: { offers, _ in
            offers.outputs
        }
    case .compare: .step(taking: [String].self, then: .chosen) { offers, _ in offers.sorted() }
    case .chosen: .exit(taking: [String].self) { offers, _ in offers }
    }
}

print(try await trip.run().joined(separator: "\n"))
