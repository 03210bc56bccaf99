export { type CountsAnswer } from './counts/answer.js';
export { AskedQuestions } from './counts/asked-questions.js';
export { type Count, type CountResult, type CountTask } from './counts/count-question.js';
export { CountThread } from './counts/count-thread.js';
export { CountsController } from './counts/counts.controller.js';
export { CountsService, LEAST_THRESHOLD } from './counts/counts.service.js';
export { countStatement, type CountRow, type CountStatement, type Relation } from './counts/counts.sql.js';
export { countsTables } from './counts/counts.tables.js';
export { type ViewColumn, type ViewQueries } from './counts/view-queries.js';
