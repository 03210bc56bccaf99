export { acceptEvent, type Turn } from './accept-event.js';
export {
  changeEvent,
  encodeChangeEvent,
  EVENT_CONTENT_TYPE,
  readChangeEvent,
  type Change,
  type ChangeEvent,
} from './change-event.js';
export { startChangesPublisher, type ChangesContext, type ChangesPublisher } from './changes-publisher.js';
