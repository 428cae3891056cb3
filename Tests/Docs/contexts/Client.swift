// A program that has orders carried out.
import CanoClient
import CanoCore
import CanoRedis

enum Step: String, WorkflowState, CaseIterable {
    typealias Input = Order
    typealias Output = Receipt
    case charge, done
}

struct Order: Codable, Sendable {}

struct Receipt: Codable, Sendable {}

func execute(_ order: Order, by ordering: Workflow<Step>) async throws {
    // block: Sources/CanoClient/Client/BusClient.swift
}

func divided() throws {
    // block: Sources/CanoClient/Client/BusClient.swift
}

// block: Sources/CanoClient/Workflows/WorkflowReference.swift

func executeByName(_ order: Order, on bus: BusClient) async throws {
    // block: Sources/CanoClient/Workflows/WorkflowReference.swift
}
