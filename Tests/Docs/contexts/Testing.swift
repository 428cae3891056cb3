// Tests of workflows, and of a store.
import CanoCore
import CanoTesting
import Testing

enum Step: String, WorkflowState, CaseIterable {
    typealias Output = String
    case reserve, charge, shipped
}

typealias MyStore = InMemoryCheckpointStore

// block: Sources/CanoTesting/CheckpointStoreConformance.swift

func afterDeath(orders: Workflow<Step>) async throws {
    // block: Sources/CanoTesting/FaultyCheckpointStore.swift
}

func path(orders: Workflow<Step>) async throws {
    // block: Sources/CanoTesting/RecordingObserver.swift
}

func advance(workflow: Workflow<Step>) async throws {
    // block: Sources/CanoTesting/ManualClock.swift
}

let workflow: Workflow<Step> = omitted()

// block: CONTRIBUTING.md
