// A program that keeps the history of a bus, and one that reads it.
import CanoClient
import CanoHistory
import CanoRedis
import Logging
import ServiceLifecycle

func keep(logger: Logger) async throws {
    // block: Sources/CanoHistory/Projection/HistoryProjection.swift
}

func keepAndRead() async throws {
    // block: Sources/CanoHistory/CanoHistory.docc/CanoHistory.md
}
