import { type TableColumn } from '../store/view-table.js';

/** A ViewDefinition, compiled: what the store needs of it. */
export interface ViewSource {
  /** The type of the resources that it reads. */
  resource: string;
  columns: readonly TableColumn[];
  /** Hands out the rows of one resource. @throws Error where the resource is not as the view needs it. */
  rows(resource: object, emit: (row: readonly unknown[]) => void): void;
}

/** Compiles a ViewDefinition. @throws Error that says where it is wrong. */
export type CompileView = (definition: unknown) => ViewSource;
