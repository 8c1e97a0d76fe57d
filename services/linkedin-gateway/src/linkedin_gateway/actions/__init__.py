"""Actions as they are performed: decided, prepared, sent once, verified if the answer was lost."""
