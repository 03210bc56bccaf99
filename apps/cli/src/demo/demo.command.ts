import { type Command } from 'commander';
import { EXIT } from '../output.js';
import { demo, type DemoOptions } from './demo.js';

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('the main job end to end, on made-up or on your data, in a temporary data directory')
    .option('--data <dir>', 'FHIR Bundles instead of a made-up town')
    .option('--source <name>', 'the source that the data is of', 'st-mary')
    .option('--patients <n>', 'people of the made-up town', Number, 60)
    .option('--keep', 'leave the server running until Ctrl-C', false)
    .action(async (options: DemoOptions) => {
      await demo(options);
      process.exitCode = EXIT.done;
    });
}
